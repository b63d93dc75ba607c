/* What XS asks of a platform, for the test host: little-endian Linux, built with gcc. Named by -DXSPLATFORM. */
#ifndef HOST_PLATFORM_H
#define HOST_PLATFORM_H

#undef mxLinux
#define mxLinux 1
#undef mxLittleEndian
#define mxLittleEndian 1

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

/* What XS itself has to say, such as how much memory was asked for in vain, goes to the log. */
extern void hostReport(const char* format, va_list arguments);
#define c_vprintf hostReport
#define c_printf(...) fprintf(stderr, __VA_ARGS__)

typedef int txSocket;

/* Our fields of a machine: promise jobs wait; the one block that "static" allows, used from both ends. */
#define mxMachinePlatform \
	void* host; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	int promiseJobs; \
	char* arenaLow; \
	char* arenaHigh;

#endif
