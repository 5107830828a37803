/*
 * property.h - a unit property from text to its D-Bus form.
 */
#pragma once
#include "systemd/request.h"
#include <systemd/sd-bus.h>

/* Appends @p to @m as "(sv)". Types: see runtime/scope.h. */
[[nodiscard]] struct err *property_append(sd_bus_message *m, const struct property *p);
