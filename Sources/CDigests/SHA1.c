// SHA-1 (FIPS 180-4, 6.1.2). Git names small files by it; it is no protection against somebody who forges.

#include "CDigests.h"
#include "Words.h"

void peft_sha1_blocks(uint32_t *state, const uint8_t *data, size_t blocks) {
    for (; blocks > 0; blocks--, data += 64) {
        uint32_t words[80];
        for (int t = 0; t < 16; t++) words[t] = bigEndianWord(data + 4 * t);
        for (int t = 16; t < 80; t++) {
            words[t] = rotatedLeft(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int t = 0; t < 80; t++) {
            uint32_t mixed, constant;
            if (t < 20) {
                mixed = (b & c) ^ (~b & d);
                constant = 0x5a827999;
            } else if (t < 40) {
                mixed = b ^ c ^ d;
                constant = 0x6ed9eba1;
            } else if (t < 60) {
                mixed = (b & c) ^ (b & d) ^ (c & d);
                constant = 0x8f1bbcdc;
            } else {
                mixed = b ^ c ^ d;
                constant = 0xca62c1d6;
            }
            uint32_t next = rotatedLeft(a, 5) + mixed + e + constant + words[t];
            e = d;
            d = c;
            c = rotatedLeft(b, 30);
            b = a;
            a = next;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
}
