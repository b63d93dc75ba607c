/*
 * Runs one script on XS in the memory of a microcontroller: host SCRIPT [name=value ...]
 *   chunk, heap, stack           creation of the device: bytes, slots, slots; chunk and heap do not grow
 *   static                       bytes of one block for all three, in which chunk and heap grow as needed
 *   measure                      any value: finds out how much memory the program needs at most
 *   flash, block                 size of the flash partition and of its erase blocks in bytes
 *   flash-file, key-value-file   where they are kept between runs; in memory without
 * The script's `program.default()` is called, then its listener for each frame on stdin (device.ts has the protocol),
 * until stdin ends. Standard output carries frames only.
 */
#include "host.h"

static int gCount;
static char** gOptions;
txCreation gDevice = { 78848, 0, 4928, 0, 512, 32, 32, 53, 3, 0, 0, 0 };

void fail(const char* message, const char* detail)
{
	fprintf(stderr, "%s: %s\n", message, detail ? detail : "(default)");
	exit(2);
}

txString option(const char* name)
{
	size_t length = strlen(name);
	for (int i = 0; i < gCount; i++)
		if (!strncmp(gOptions[i], name, length) && gOptions[i][length] == '=')
			return gOptions[i] + length + 1;
	return NULL;
}

static void number(const char* name, txSize* value)
{
	if (option(name))
		*value = atoi(option(name));
}

/* FRAMES */

void writeFrame(int type, int port, const void* payload, txU4 length)
{
	txU1 header[2] = { type, port };
	fwrite(header, 1, sizeof(header), stdout);
	fwrite(&length, 1, sizeof(length), stdout);
	fwrite(payload, 1, length, stdout);
}

void hostReport(const char* format, va_list arguments)
{
	char text[200];
	int length = vsnprintf(text, sizeof(text), format, arguments);
	writeFrame('L', 0, text, length < (int)sizeof(text) ? length : (int)sizeof(text) - 1);
}

/* One frame, its payload valid until the next; 0 at the end of the input. */
int readFrame(Frame* frame)
{
	static txU1 payload[65536];
	if (fread(frame, 1, 2, stdin) != 2 || fread(&frame->length, 1, 4, stdin) != 4)
		return 0;
	if (frame->length > sizeof(payload) || fread(payload, 1, frame->length, stdin) != frame->length)
		fail("broken frame", "stdin");
	frame->payload = payload;
	return 1;
}

/* TURNS */

static void runMain(txMachine* the)
{
	fxBeginHost(the);
	mxTry(the) {
		mxPush(mxGlobal);
		fxGetID(the, fxFindName(the, "program"));
		mxDub();
		fxGetID(the, mxID(_default));
		mxCall();
		mxRunCount(0);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	runJobs(the);
}

/* Calls the listener; it gives the time in milliseconds at which it wants to be called again. */
static double dispatch(txMachine* the, int type, int port, double value)
{
	double due = INFINITY;
	if (gListener.kind != XS_REFERENCE_KIND)
		return due;
	fxBeginHost(the);
	mxTry(the) {
		mxPushUndefined();
		mxPushSlot(&gListener);
		mxCall();
		mxPushInteger(type);
		mxPushInteger(port);
		mxPushNumber(value);
		mxRunCount(3);
		due = fxToNumber(the, the->stack);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	runJobs(the);
	return due;
}

/* Time runs timer by timer, promise jobs in between, as the device's own loop does. */
static double handle(txMachine* the, Frame* frame)
{
	double due, now;
	txU4 value = 0;
	if (frame->type == 'T') {
		memcpy(&now, frame->payload, sizeof(now));
		while ((due = dispatch(the, 'T', 0, now)) <= now);
		return due;
	}
	if (frame->type == 'S') {
		receiveSerial(frame->port, frame->payload, frame->length);
		value = frame->length;
	}
	else
		memcpy(&value, frame->payload, frame->length < sizeof(value) ? frame->length : sizeof(value));
	return dispatch(the, frame->type, frame->port, value);
}

int main(int argc, char** argv)
{
	Frame frame;
	txMachine* root;
	txMachine* the;
	double due;
	if (argc < 2)
		fail("usage", "host SCRIPT [name=value ...]");
	gCount = argc - 2;
	gOptions = argv + 2;
	number("chunk", &gDevice.initialChunkSize);
	number("heap", &gDevice.initialHeapCount);
	number("stack", &gDevice.stackCount);
	number("static", &gDevice.staticSize);
	if (gDevice.staticSize) {
		gDevice.incrementalChunkSize = 512;
		gDevice.incrementalHeapCount = 64;
	}
	openBoard();
	root = createRoot(argv[1]);
	the = fxCloneMachine(&gDevice, root, "device", &gDevice);
	if (!the)
		fail("no memory for the device", NULL);
	if (option("measure"))
		measureNeed(the);
	runMain(the);
	due = dispatch(the, 'N', 0, 0);
	for (;;) {
		writeFrame('N', 0, &due, sizeof(due));
		fflush(stdout);
		if (!readFrame(&frame))
			break;
		due = handle(the, &frame);
	}
	fxCollectGarbage(the);
	end(the, 0, "done");
	return 0;
}
