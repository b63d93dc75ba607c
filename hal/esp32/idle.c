#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

/*
 * Called by the idle task before it waits for an interrupt. Changes the interrupt threshold and back: QEMU's ESP32-C3 looks
 * only then for interrupts that came while they were masked, and a tick that came during a switch of tasks or during another
 * tick would be the last one. A chip looks by itself.
 */
void vApplicationIdleHook(void)
{
	TickType_t before;
	do {
		before = xTaskGetTickCount();
		portCLEAR_INTERRUPT_MASK_FROM_ISR(portSET_INTERRUPT_MASK_FROM_ISR());
	} while (xTaskGetTickCount() != before);
}
