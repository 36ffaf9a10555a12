/* SPDX-License-Identifier: MIT
 * Declares the functions that read the configuration file furrow.ini. */
#ifndef FURROW_CLI_CONFIG_H
#define FURROW_CLI_CONFIG_H

#include "cli/project.h"

/* Reads the configuration file `path` and sets the project's config, folder, url and models. If
 * `path` is NULL, the file is furrow.ini in the working directory, which may be missing. Returns
 * false after reporting an error. */
bool furrow__config_read(furrow__project *p, const char *path);

/* Reports that neither furrow.ini nor the folder of revisions exists. If `folder` is NULL, reports
 * only that furrow.ini does not exist. If a parent folder contains a furrow.ini, the hint names it.
 */
void furrow__config_report_missing(const char *folder);

#endif
