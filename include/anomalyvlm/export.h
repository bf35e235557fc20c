#pragma once
// What the shared library exports: functions and classes with this mark, and nothing else.
#define ANOMALYVLM_API __attribute__((visibility("default")))
