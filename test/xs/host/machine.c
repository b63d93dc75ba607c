/*
 * Two machines, as on the device. The root is what the SDK's linker makes at build time and puts into flash: the
 * built-ins and the program, its modules already run ("preloaded"), frozen, and shared. The device is a clone of it
 * with the memory of the microcontroller: only what the program allocates at run time is charged to it.
 */
#include "host.h"

/* Generous: the root stands for flash. One block of slots, because aliases are numbered by address. */
static txCreation gRoot = { 8 << 20, 1 << 20, 256 << 10, 0, 4096, 8192, 1024, 53, 3, 32 << 10, 1993, 0 };

/* MEMORY */

void fxCreateMachinePlatform(txMachine* the)
{
	if (the->context == &gDevice && gDevice.staticSize) {
		the->arenaLow = malloc(gDevice.staticSize);
		the->arenaHigh = the->arenaLow + gDevice.staticSize;
	}
}

void fxDeleteMachinePlatform(txMachine* the)
{
}

static int arenaLacks(txMachine* the, txSize size)
{
	return the->arenaHigh - the->arenaLow < size;
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	char* result = the->arenaLow;
	if (!result)
		return malloc(size);
	if (arenaLacks(the, size))
		return NULL;
	the->arenaLow += size;
	return result;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	txSize size = count * sizeof(txSlot);
	if (!the->arenaLow)
		return malloc(size);
	if (arenaLacks(the, size))
		return NULL;
	the->arenaHigh -= size;
	return (txSlot*)the->arenaHigh;
}

/* The process ends with the machine: nothing is given back. */
void fxFreeChunks(txMachine* the, void* chunks)
{
}

void fxFreeSlots(txMachine* the, void* slots)
{
}

/* NEED */

/* Bytecodes between two looks at the memory. */
#define LOOK 100

static txSize gNeededChunkBytes = 0;
static txSize gNeededSlots = 0;

/* Collects whenever more is in use than ever had to be: what is left then is the most that the program held at once. */
static txBoolean measure(txMachine* the, txU4 index)
{
	if (the->currentChunksSize > gNeededChunkBytes || the->currentHeapCount > gNeededSlots) {
		fxCollectGarbage(the);
		if (gNeededChunkBytes < the->currentChunksSize)
			gNeededChunkBytes = the->currentChunksSize;
		if (gNeededSlots < the->currentHeapCount)
			gNeededSlots = the->currentHeapCount;
	}
	return 1;
}

/* Called in the middle of a regular expression, where nothing may move. */
void hostKeepMemory(txMachine* the)
{
}

void measureNeed(txMachine* the)
{
	fxBeginMetering(the, measure, LOOK);
}

/* END */

double computrons(txMachine* the)
{
	static double total = 0;
	total += the->meterIndex;
	the->meterIndex = 0;
	return total;
}

void end(txMachine* the, int code, const char* reason)
{
	char text[400];
	int length = snprintf(text, sizeof(text),
		"{\"reason\":\"%s\",\"chunkBytes\":%d,\"peakChunkBytes\":%d,\"neededChunkBytes\":%d,\"chunkSize\":%d,"
		"\"slots\":%d,\"peakSlots\":%d,\"neededSlots\":%d,\"heapSize\":%d,\"computrons\":%.0f}",
		reason, the->currentChunksSize, the->peakChunksSize, gNeededChunkBytes, the->maximumChunksSize,
		the->currentHeapCount, the->peakHeapCount, gNeededSlots, the->maximumHeapCount, computrons(the));
	writeFrame('X', code, text, length);
	fflush(stdout);
	_exit(code);
}

/* Prints the error with its stack: function names only, lines are not kept on the device either. */
static void reportException(txMachine* the)
{
	mxTry(the) {
		txString text;
		mxPush(mxException);
		if (mxException.kind == XS_REFERENCE_KIND) {
			fxGetID(the, mxID(_stack));
			if (mxIsUndefined(the->stack))
				*the->stack = mxException;
		}
		text = fxToString(the, the->stack);
		writeFrame('L', 0, text, strlen(text));
	}
	mxCatch(the) {
		static const char text[] = "(an error that cannot be printed)";
		writeFrame('L', 0, text, sizeof(text) - 1);
	}
}

void fxAbort(txMachine* the, int status)
{
	static const char* const reasons[] = { "debugger", "memory full", "stack overflow", "fatal check", "dead strip",
		"unhandled exception", "not enough keys", "too much computation", "unhandled rejection" };
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT)
		reportException(the);
	end(the, EXIT_BASE + status, status < 9 ? reasons[status] : "unknown");
}

/* PROMISES AND MODULES */

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

/* To be called after each turn: a rejection that nobody handles by then ends the program. */
void runJobs(txMachine* the)
{
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxCheckUnhandledRejections(the, 1);
}

/* The program is one script: there is nothing to import. */
txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	return XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
}

/* As with "strip": "*" in a manifest, functions have neither length nor name (the build renames the defaults to these). */
txSlot* hostNewFunctionLength(txMachine* the, txSlot* instance, txNumber length)
{
	return NULL;
}

txSlot* hostNewFunctionName(txMachine* the, txSlot* instance, txID id, txIndex index, txID former, txString prefix)
{
	return NULL;
}

/* PRELOAD */

/* Names become IDs of this machine; strings and nested functions are used in place instead of being copied to RAM. */
static void archiveCode(txMachine* the, txScript* script)
{
	static const txU1 inPlace[XS_CODE_COUNT] = {
		[XS_CODE_CODE_1] = XS_CODE_CODE_ARCHIVE_1, [XS_CODE_CODE_2] = XS_CODE_CODE_ARCHIVE_2,
		[XS_CODE_CODE_4] = XS_CODE_CODE_ARCHIVE_4, [XS_CODE_STRING_1] = XS_CODE_STRING_ARCHIVE_1,
		[XS_CODE_STRING_2] = XS_CODE_STRING_ARCHIVE_2, [XS_CODE_STRING_4] = XS_CODE_STRING_ARCHIVE_4,
	};
	txString name = (txString)script->symbolsBuffer + sizeof(txID);
	txID count = *(txID*)script->symbolsBuffer;
	txID* ids = calloc(count, sizeof(txID));
	txByte* p = script->codeBuffer;
	txByte* limit = p + script->codeSize;
	for (txID i = 1; i < count; i++, name += strlen(name) + 1)
		ids[i] = fxNewNameC(the, name);
	while (p < limit) {
		txU1 code = *(txU1*)p;
		txS1 size = gxCodeSizes[code];
		if (inPlace[code])
			*p = inPlace[code];
		if (size == 0) {
			*(txID*)(p + 1) = ids[*(txID*)(p + 1)];
			size = 1 + sizeof(txID);
		}
		p += size > 0 ? size : size == -1 ? 2 + *(txU1*)(p + 1) : size == -2 ? 3 + *(txU2*)(p + 1) : 5 + *(txS4*)(p + 1);
	}
	free(ids);
	script->symbolsBuffer = NULL;
}

static void freeze(txSlot* instance)
{
	for (txSlot* property = instance->next; property; property = property->next) {
		if (property->kind == XS_PRIVATE_KIND)
			for (txSlot* field = property->value.private.first; field; field = field->next)
				field->flag |= XS_DONT_DELETE_FLAG | (field->kind == XS_ACCESSOR_KIND ? 0 : XS_DONT_SET_FLAG);
		property->flag |= XS_DONT_DELETE_FLAG | (property->kind == XS_ACCESSOR_KIND ? 0 : XS_DONT_SET_FLAG);
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

/* Like the linker: functions, their prototypes, and what XS cannot copy to RAM on the first change become read only. */
static int mustFreeze(txSlot* instance)
{
	txSlot* internal = instance->next;
	if (!internal || !(internal->flag & XS_INTERNAL_FLAG))
		return 0;
	switch (internal->kind) {
	case XS_CALLBACK_KIND: case XS_CALLBACK_X_KIND: case XS_CODE_KIND: case XS_CODE_X_KIND:
	case XS_MAP_KIND: case XS_SET_KIND: case XS_WEAK_MAP_KIND: case XS_WEAK_SET_KIND: case XS_WEAK_REF_KIND:
	case XS_ARRAY_BUFFER_KIND: case XS_DATA_VIEW_KIND: case XS_TYPED_ARRAY_KIND:
	case XS_PROMISE_KIND: case XS_PROXY_KIND: case XS_REGEXP_KIND:
		return 1;
	}
	return internal->ID == XS_ENVIRONMENT_BEHAVIOR;
}

static void freezePrototype(txMachine* the, txSlot* function)
{
	if (function->flag & XS_CAN_CONSTRUCT_FLAG)
		for (txSlot* property = function->next; property; property = property->next)
			if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND)
				freeze(property->value.reference);
}

static void freezeHeap(txMachine* the, int everything)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			if (slot->kind == XS_INSTANCE_KIND && slot != mxGlobal.value.reference && (everything || mustFreeze(slot))) {
				freeze(slot);
				freezePrototype(the, slot);
			}
}

/* A clone must never mark a chunk of the root: kinds that own one turn into their "in flash" twins. */
static void petrify(txMachine* the, txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_CALLBACK_KIND: slot->kind = XS_CALLBACK_X_KIND; break;
	case XS_ARRAY_KIND:
		if (slot->value.array.address)
			for (txIndex i = 0; i < fxGetIndexSize(the, slot); i++)
				petrify(the, slot->value.array.address + i);
		break;
	}
}

static void petrifyMachine(txMachine* the)
{
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			petrify(the, slot);
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		petrify(the, slot);
}

static int gLine = 1;

static int nextCharacter(void* file)
{
	int c = fgetc(file);
	if (c == '\n')
		gLine++;
	return c;
}

static txScript* parse(txMachine* the, txString path)
{
	char line[32];
	txScript* script;
	FILE* file = fopen(path, "rb");
	if (!file)
		fail("cannot read the script", path);
	script = fxParseScript(the, file, nextCharacter, mxProgramFlag | mxStrictFlag);
	/* After a syntax error XS gives a script that throws it, without a place: say where it stopped reading. */
	snprintf(line, sizeof(line), "line %d", gLine);
	if (fgetc(file) != EOF)
		fail("syntax that XS 13 does not know, in the bundle", line);
	fclose(file);
	archiveCode(the, script);
	return script;
}

txMachine* createRoot(txString path)
{
	txMachine* the = fxCreateMachine(&gRoot, "root", NULL, XS_NO_ID);
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		buildBoard(the);
		freezeHeap(the, 1);
		fxRunScript(the, parse(the, path), mxRealmGlobal(realm), C_NULL, mxRealmClosures(realm)->value.reference, C_NULL,
			mxProgram.value.reference);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	fxCollectGarbage(the);
	freezeHeap(the, 0);
	fxShareMachine(the);
	petrifyMachine(the);
	return the;
}
