/* SPDX-License-Identifier: BSD-3-Clause */
/* control/config/: any octets as a configuration, and what is reported of one that is valid. */
#include "control/config/config.h"
#include "control/config/config_problems.h"
#include "control/config/config_report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_problems problems;
	struct config *config;
	struct failure failure;
	int result = config_parse((const char *)data, size, &config, &problems, &failure);

	if ((result == 0) != (config != NULL) || (result == 0 && problems.count))
		abort();
	if (config) {
		json_t *rows = config_report_show(config, config, "", 0, SIZE_MAX);
		json_t *none = config_report_diff(config, config, config);

		if (json_array_size(rows) < 40 ||
			json_array_size(json_object_get(none, "applied")) ||
			json_array_size(json_object_get(none, "restart")))
			abort();
		json_decref(rows);
		json_decref(none);
	}
	config_free(config);
	return 0;
}
