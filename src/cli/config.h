/* SPDX-License-Identifier: MIT
 * The configuration file furrow.ini. */
#ifndef FURROW_CLI_CONFIG_H
#define FURROW_CLI_CONFIG_H

#include "cli/project.h"

/* Read the file `path` into the project's config, folder, url and models. If `path` is NULL, read
 * furrow.ini, or nothing if it does not exist. If it returns false, the error was reported. */
bool furrow__config_read(furrow__project *p, const char *path);

/* Report that neither furrow.ini nor the folder of revisions exists. The hint names the furrow.ini
 * of a parent folder, if there is one. */
void furrow__config_report_missing(const char *folder);

#endif
