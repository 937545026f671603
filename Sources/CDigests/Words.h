#ifndef PEFTKIT_CDIGESTS_WORDS_H
#define PEFTKIT_CDIGESTS_WORDS_H

#include <stdint.h>

static inline uint32_t rotatedLeft(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static inline uint32_t rotatedRight(uint32_t value, int bits) { return value >> bits | value << (32 - bits); }

static inline uint32_t bigEndianWord(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

#endif
