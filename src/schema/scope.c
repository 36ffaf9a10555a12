/* SPDX-License-Identifier: MIT
 * The columns of a model as the scope of an expression. */
#include <string.h>

#include "schema/expression.h"

static const furrow_column *column_at(const void *context, size_t index)
{
    const furrow_model *model = context;
    return model && index < model->column_count ? &model->columns[index] : NULL;
}

/* The name of a field takes precedence over the name of another column. */
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
