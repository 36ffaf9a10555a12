/* SPDX-License-Identifier: MIT
 * furrow.ini. */
#ifndef FURROW_CLI_CONFIG_H
#define FURROW_CLI_CONFIG_H

#include "cli/project.h"

/* Read `path`, or furrow.ini where that is NULL and there is one, into config, folder, url and
 * models. False after saying what is wrong. */
bool furrow__config_read(furrow__project *p, const char *path);

/* Say that there is neither a furrow.ini nor the folder of revisions, and where one is. */
void furrow__config_report_missing(const char *folder);

#endif
