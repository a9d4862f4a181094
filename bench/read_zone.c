/* SPDX-License-Identifier: BSD-3-Clause */
/* bench/import's reference: ldns alone reads a zone file, a record at a time, and keeps none. */
#include <ldns/ldns.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	uint32_t ttl = 0;
	ldns_rdf *origin = NULL, *previous = NULL;
	unsigned long records = 0;
	int line = 1;
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

	if (!file) {
		fprintf(stderr, "usage: read_zone FILE\n");
		return 2;
	}
	while (!feof(file)) {
		ldns_rr *rr = NULL;
		ldns_status status =
			ldns_rr_new_frm_fp_l(&rr, file, &ttl, &origin, &previous, &line);

		if (status == LDNS_STATUS_OK)
			records++;
		else if (status != LDNS_STATUS_SYNTAX_EMPTY && status != LDNS_STATUS_SYNTAX_TTL &&
			status != LDNS_STATUS_SYNTAX_ORIGIN) {
			fprintf(stderr, "line %d: %s\n", line, ldns_get_errorstr_by_id(status));
			return 1;
		}
		ldns_rr_free(rr);
	}
	fclose(file);
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(previous);
	printf("%lu\n", records);
	return 0;
}
