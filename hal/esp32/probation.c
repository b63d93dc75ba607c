#include <stdint.h>
#include "app_update/include/esp_ota_ops.h"

/*
 * 1 while the firmware that runs is new and not confirmed. A bootloader that was built without rollback leaves it NEW; one with
 * rollback makes that PENDING_VERIFY.
 */
int32_t firmware_on_probation(void)
{
	esp_ota_img_states_t state;
	if (esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) != ESP_OK)
		return 0;
	return state == ESP_OTA_IMG_NEW || state == ESP_OTA_IMG_PENDING_VERIFY;
}
