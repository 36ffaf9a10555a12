/* SPDX-License-Identifier: MIT
 * Implements the scope of an expression that contains the columns of a model. */
#include <string.h>

#include "schema/expression.h"

static const furrow_column *column_at(const void *context, size_t index)
{
    const furrow_model *model = context;
    return model && index < model->column_count ? &model->columns[index] : NULL;
}

/* Finds a column by name. The name can be the field of one column and also the name of another
 * column. In this case, the column with the field is returned. */
static const furrow_column *find(const void *context, const char *name)
{
    const furrow_model *model = context;
    for (size_t i = 0; model && i < model->column_count; i++)
        if (strcmp(model->columns[i].field, name) == 0)
            return &model->columns[i];
    for (size_t i = 0; model && i < model->column_count; i++)
        if (strcmp(model->columns[i].name, name) == 0)
            return &model->columns[i];
    return NULL;
}

furrow__expression_scope furrow__model_scope(const furrow_model *model)
{
    return (furrow__expression_scope){
        .table = model ? model->table : "", .context = model, .find = find, .column_at = column_at};
}
