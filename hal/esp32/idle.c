#include "sdkconfig.h"

#if CONFIG_IDF_TARGET_ESP32C3
#include "esp_cpu.h"
#include "esp_timer/include/esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

/*
 * A chip serves every interrupt. QEMU's ESP32-C3 does not, and when the tick of FreeRTOS is the one, all tasks wait for ever:
 * - what comes while interrupts are masked waits until the interrupt threshold changes;
 * - what comes at the moment they are masked waits until its line is enabled.
 * So the idle task does the first whenever it goes to wait, and the second ten times a second. A timer that is not the tick
 * is put off each time: it runs down only when the ticks end, and its interrupt brings them back.
 */
#define PERIOD 100000 /* microseconds */

static esp_timer_handle_t timer;

static void wake(void *unused)
{
}

void idle_alarm(void)
{
	const esp_timer_create_args_t arguments = { .callback = wake, .name = "idle" };
	esp_timer_create(&arguments, &timer);
}

static void enable_anew(void)
{
	const uint32_t lines = esp_cpu_intr_get_enabled_mask();
	esp_cpu_intr_disable(lines);
	esp_cpu_intr_enable(lines);
}

static void put_off(void)
{
	if (!timer)
		return;
	esp_timer_stop(timer);
	esp_timer_start_periodic(timer, 2 * PERIOD);
}

/* A tick may come during another one: once more then. */
void vApplicationIdleHook(void)
{
	static int64_t due;
	TickType_t before;
	if (esp_timer_get_time() >= due) {
		due = esp_timer_get_time() + PERIOD;
		put_off();
		enable_anew();
	}
	do {
		before = xTaskGetTickCount();
		portCLEAR_INTERRUPT_MASK_FROM_ISR(portSET_INTERRUPT_MASK_FROM_ISR());
	} while (xTaskGetTickCount() != before);
}
#else
void idle_alarm(void)
{
}

void vApplicationIdleHook(void)
{
}
#endif
