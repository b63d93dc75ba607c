/*
 * Runs a Moddable app that was built for the simulator without a screen: headless MC.SO. The app's console is a terminal
 * of its own (HELIOGRAPH_CONSOLE is set to its path), which standard input and output are connected to. A signal INT or TERM, or
 * Ctrl-C at a terminal, ends it; then the last line on standard error says what memory the app took at most.
 */
#define _GNU_SOURCE
#include "xsAll.h"
#include "screen.h"
#include <glib-unix.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define CONTROL_C 3

static GMainLoop *loop;
static txScreen *screen;
static int status = 0;
static int console = -1;
static struct termios terminal;
static bool isTerminal;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "headless: %s: %s\n", what, why);
	exit(2);
}

static gboolean quit(gpointer data)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static void aborted(txScreen *it, int why)
{
	status = why == 0 ? 1 : why;
	g_main_loop_quit(loop);
}

static void ignore(txScreen *it) {}
static void ignoreInterval(txScreen *it, double interval) {}
static void ignoreMessage(txScreen *it, char *message, int size) {}

/* Writes all of it, waiting for whoever reads; without a reader it is lost. */
static void writeAll(int to, const char *bytes, ssize_t count)
{
	while (count > 0) {
		ssize_t written = write(to, bytes, count);
		if (written < 0 && errno != EAGAIN && errno != EINTR) return;
		if (written > 0) {
			bytes += written;
			count -= written;
		} else
			g_usleep(1000);
	}
}

static gboolean typed(gint input, GIOCondition condition, gpointer data)
{
	char bytes[256];
	ssize_t count = read(input, bytes, sizeof(bytes));
	/* The end of a file or pipe: the app runs on. */
	if (count <= 0) return G_SOURCE_REMOVE;
	if (isTerminal && memchr(bytes, CONTROL_C, count)) g_main_loop_quit(loop);
	writeAll(console, bytes, count);
	return G_SOURCE_CONTINUE;
}

static gboolean printed(gint output, GIOCondition condition, gpointer data)
{
	char bytes[4096];
	writeAll(STDOUT_FILENO, bytes, read(output, bytes, sizeof(bytes)));
	return G_SOURCE_CONTINUE;
}

static void restoreTerminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

/* A terminal for the app; its other end is held open here, so that the app may close and open it. */
static void openConsole(void)
{
	struct termios raw;
	console = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (console < 0 || grantpt(console) < 0 || unlockpt(console) < 0) fail("console", strerror(errno));
	const char *path = ptsname(console);
	int other = open(path, O_RDWR | O_NOCTTY);
	if (other < 0) fail(path, strerror(errno));
	/* Nothing may be echoed before the app opens it. */
	tcgetattr(other, &raw);
	cfmakeraw(&raw);
	tcsetattr(other, TCSANOW, &raw);
	setenv("HELIOGRAPH_CONSOLE", path, TRUE);
	isTerminal = tcgetattr(STDIN_FILENO, &terminal) == 0;
	if (isTerminal) {
		atexit(restoreTerminal);
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, typed, NULL);
	g_unix_fd_add(console, G_IO_IN, printed, NULL);
}

static void launch(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	if (!library) fail(path, dlerror());
	void (*start)(txScreen *) = (void (*)(txScreen *))dlsym(library, "fxScreenLaunch");
	if (!start) fail(path, dlerror());
	screen = g_malloc0(sizeof(txScreen) + 320 * 240 * screenBytesPerPixel);
	screen->width = 320;
	screen->height = 240;
	screen->abort = aborted;
	screen->bufferChanged = screen->formatChanged = screen->stop = ignore;
	screen->start = ignoreInterval;
	screen->post = ignoreMessage;
	mxCreateMutex(&screen->workersMutex);
	(*start)(screen);
}

int main(int argc, char **argv)
{
	if (argc != 2) fail("usage", "headless MC.SO");
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* The SDK's sockets write to peers that have gone. */
	signal(SIGPIPE, SIG_IGN);
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGINT, quit, NULL);
	g_unix_signal_add(SIGTERM, quit, NULL);
	openConsole();
	launch(argv[1]);
	if (status == 0 && screen->machine) g_main_loop_run(loop);
	txMachine *the = screen->machine;
	if (the)
		fprintf(stderr, "{\"slots\": %ld, \"slotBytes\": %zu, \"chunkBytes\": %ld}\n", (long)the->peakHeapCount, sizeof(txSlot),
			(long)the->peakChunksSize);
	return status;
}
