/* The peripherals of the emulated board as functions of a global object `xsHost`; declared in board.ts. */
#include <fcntl.h>
#include <sys/mman.h>
#include "host.h"

#define KEY_LENGTH 15
#define VALUE_LENGTH 1008
#define KEY_COUNT 64
#define PORT_COUNT 4

/* One named value in the key-value region; free when the key is empty. */
typedef struct {
	char key[KEY_LENGTH + 1];
	txU4 length;
	txU1 value[VALUE_LENGTH];
} Entry;

/* What came in on a serial port and was not read yet: in the driver's memory, not in the script's. */
typedef struct {
	txU1* bytes;
	txU4 length;
} Port;

static txU1* gFlash;
static txInteger gFlashSize;
static txInteger gBlockLength;
static Entry* gEntries;
static Port gPorts[PORT_COUNT];
/* The script's event handler. */
txSlot gListener;

/* REGIONS THAT SURVIVE THE PROCESS */

static void* openRegion(const char* path, txInteger size, int fill)
{
	int file = path ? open(path, O_RDWR | O_CREAT, 0644) : -1;
	txInteger known = path ? lseek(file, 0, SEEK_END) : 0;
	txU1* region;
	if (path && (file < 0 || (known < size && ftruncate(file, size))))
		fail("cannot open the file", path);
	region = mmap(NULL, size, PROT_READ | PROT_WRITE, path ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
	if (region == MAP_FAILED)
		fail("cannot map the file", path);
	if (known < size)
		memset(region + known, fill, size - known);
	return region;
}

void openBoard(void)
{
	gFlashSize = option("flash") ? atoi(option("flash")) : 64 << 10;
	gBlockLength = option("block") ? atoi(option("block")) : 4096;
	if (gBlockLength <= 0 || gFlashSize < gBlockLength || gFlashSize % gBlockLength)
		fail("flash must be a positive multiple of block", option("flash"));
	gFlash = openRegion(option("flash-file"), gFlashSize, 0xFF);
	gEntries = openRegion(option("key-value-file"), KEY_COUNT * sizeof(Entry), 0);
}

/* ARGUMENTS */

/* (buffer, byteOffset, byteLength) from argument `index` on. */
static txU1* bytesArgument(txMachine* the, int index, txInteger* length)
{
	txU1* bytes = fxToArrayBuffer(the, mxArgv(index));
	txInteger offset = fxToInteger(the, mxArgv(index + 1));
	*length = fxToInteger(the, mxArgv(index + 2));
	if (offset < 0 || *length < 0 || offset > fxGetArrayBufferLength(the, mxArgv(index)) - *length)
		mxRangeError("out of the buffer");
	return bytes + offset;
}

static void returnBytes(txMachine* the, const void* bytes, txInteger length)
{
	fxArrayBuffer(the, mxResult, (void*)bytes, length, -1);
}

/* MACHINE */

static void host_print(txMachine* the)
{
	txString text = fxToString(the, mxArgv(0));
	writeFrame('L', 0, text, strlen(text));
}

static void host_gc(txMachine* the)
{
	fxCollectGarbage(the);
}

static void host_counter(txMachine* the)
{
	txString name = fxToString(the, mxArgv(0));
	if (!strcmp(name, "computrons"))
		return fxNumber(the, mxResult, computrons(the));
	fxInteger(the, mxResult, !strcmp(name, "chunkBytes") ? the->currentChunksSize
		: !strcmp(name, "peakChunkBytes") ? the->peakChunksSize
		: !strcmp(name, "slots") ? the->currentHeapCount : the->peakHeapCount);
}

static void host_listen(txMachine* the)
{
	fxForget(the, &gListener);
	gListener.kind = mxArgv(0)->kind;
	gListener.value = mxArgv(0)->value;
	fxRemember(the, &gListener);
}

static void host_restart(txMachine* the)
{
	end(the, EXIT_RESTART, "restart");
}

/* FLASH */

static txU1* flashRange(txMachine* the, txInteger offset, txInteger length)
{
	if (offset < 0 || length > gFlashSize - offset)
		mxRangeError("out of the flash partition");
	return gFlash + offset;
}

static void host_flashStatus(txMachine* the)
{
	fxInteger(the, mxResult, fxToInteger(the, mxArgv(0)) ? gBlockLength : gFlashSize);
}

static void host_flashRead(txMachine* the)
{
	txInteger length;
	txU1* bytes = bytesArgument(the, 1, &length);
	memcpy(bytes, flashRange(the, fxToInteger(the, mxArgv(0)), length), length);
}

/* NOR: programming only clears bits. */
static void host_flashWrite(txMachine* the)
{
	txInteger length;
	txU1* bytes = bytesArgument(the, 1, &length);
	txU1* flash = flashRange(the, fxToInteger(the, mxArgv(0)), length);
	while (length--)
		*flash++ &= *bytes++;
}

static void host_flashErase(txMachine* the)
{
	txInteger start = fxToInteger(the, mxArgv(0)), end = fxToInteger(the, mxArgv(1));
	if (start < 0 || end <= start || end > gFlashSize / gBlockLength)
		mxRangeError("no such blocks");
	memset(gFlash + start * gBlockLength, 0xFF, (end - start) * gBlockLength);
}

/* KEY-VALUE */

static Entry* findEntry(txMachine* the, const char* key)
{
	if (strlen(key) > KEY_LENGTH)
		mxRangeError("a key has at most 15 characters");
	for (int i = 0; i < KEY_COUNT; i++)
		if (!strcmp(gEntries[i].key, key))
			return &gEntries[i];
	return NULL;
}

static void host_keyRead(txMachine* the)
{
	Entry* entry = findEntry(the, fxToString(the, mxArgv(0)));
	if (entry)
		returnBytes(the, entry->value, entry->length);
}

static void host_keyWrite(txMachine* the)
{
	txInteger length;
	Entry* entry = findEntry(the, fxToString(the, mxArgv(0)));
	txU1* bytes = bytesArgument(the, 1, &length);
	if (!entry)
		entry = findEntry(the, "");
	if (!entry || length > VALUE_LENGTH)
		mxRangeError("key-value store full");
	memcpy(entry->value, bytes, length);
	entry->length = length;
	strcpy(entry->key, fxToString(the, mxArgv(0)));
}

static void host_keyDelete(txMachine* the)
{
	Entry* entry = findEntry(the, fxToString(the, mxArgv(0)));
	if (entry)
		entry->key[0] = 0;
}

/* SERIAL PORTS AND PINS */

static Port* portArgument(txMachine* the, txInteger* number)
{
	*number = fxToInteger(the, mxArgv(0));
	if (*number < 0 || *number >= PORT_COUNT)
		mxRangeError("no such port");
	return &gPorts[*number];
}

void receiveSerial(int number, const txU1* bytes, txU4 length)
{
	Port* port = &gPorts[number % PORT_COUNT];
	port->bytes = realloc(port->bytes, port->length + length);
	memcpy(port->bytes + port->length, bytes, length);
	port->length += length;
}

/* A speed in bits per second opens the port, 0 closes it. */
static void host_serialOpen(txMachine* the)
{
	txInteger number, baud = fxToInteger(the, mxArgv(1));
	portArgument(the, &number)->length = 0;
	writeFrame('O', number, &baud, sizeof(baud));
}

static void host_serialRead(txMachine* the)
{
	txInteger number, count = fxToInteger(the, mxArgv(1));
	Port* port = portArgument(the, &number);
	if (count > (txInteger)port->length)
		count = port->length;
	if (count <= 0)
		return;
	returnBytes(the, port->bytes, count);
	port->length -= count;
	memmove(port->bytes, port->bytes + count, port->length);
}

static void host_serialWrite(txMachine* the)
{
	txInteger number, length;
	portArgument(the, &number);
	txU1* bytes = bytesArgument(the, 1, &length);
	writeFrame('S', number, bytes, length);
}

static void host_pin(txMachine* the)
{
	txU1 value = fxToInteger(the, mxArgv(1));
	writeFrame('P', fxToInteger(the, mxArgv(0)), &value, 1);
}

void buildBoard(txMachine* the)
{
	static const struct { txString name; txCallback callback; } functions[] = {
		{ "print", host_print }, { "gc", host_gc }, { "counter", host_counter }, { "listen", host_listen },
		{ "restart", host_restart }, { "flashStatus", host_flashStatus }, { "flashRead", host_flashRead },
		{ "flashWrite", host_flashWrite }, { "flashErase", host_flashErase }, { "keyRead", host_keyRead },
		{ "keyWrite", host_keyWrite }, { "keyDelete", host_keyDelete }, { "serialOpen", host_serialOpen },
		{ "serialRead", host_serialRead }, { "serialWrite", host_serialWrite }, { "pin", host_pin },
	};
	mxPush(mxGlobal);
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		txID id = fxNewNameC(the, functions[i].name);
		txSlot* last = fxLastProperty(the, the->stack->value.reference);
		fxNextHostFunctionProperty(the, last, functions[i].callback, 0, id, XS_DONT_ENUM_FLAG);
	}
	fxNextSlotProperty(the, fxLastProperty(the, mxGlobal.value.reference), the->stack, fxNewNameC(the, "xsHost"), XS_DONT_ENUM_FLAG);
	mxPop();
	mxPop();
}
