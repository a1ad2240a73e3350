// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libusb-1.0/libusb.h>
