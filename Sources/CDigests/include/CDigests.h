#ifndef PEFTKIT_CDIGESTS_H
#define PEFTKIT_CDIGESTS_H

#include <stddef.h>
#include <stdint.h>

// The compression functions of FIPS 180-4 over whole blocks of 64 bytes; padding is the caller's.

void peft_sha1_blocks(uint32_t *state, const uint8_t *data, size_t blocks);

/// With the processor's own instructions where it has them.
void peft_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks);

/// The same without them, for tests.
void peft_sha256_blocks_portable(uint32_t *state, const uint8_t *data, size_t blocks);

#endif
