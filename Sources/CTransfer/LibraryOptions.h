#ifndef PEFTKIT_CTRANSFER_LIBRARYOPTIONS_H
#define PEFTKIT_CTRANSFER_LIBRARYOPTIONS_H

// The numbers of libcurl's binary interface that are used here. They never change; where its header is at hand, the compiler
// checks them.

#define PEFT_OPTIONS(OPTION)         \
    OPTION(WRITEDATA, 10001)         \
    OPTION(URL, 10002)               \
    OPTION(ERRORBUFFER, 10010)       \
    OPTION(WRITEFUNCTION, 20011)     \
    OPTION(LOW_SPEED_LIMIT, 19)      \
    OPTION(LOW_SPEED_TIME, 20)       \
    OPTION(HTTPHEADER, 10023)        \
    OPTION(HEADERDATA, 10029)        \
    OPTION(NOPROGRESS, 43)           \
    OPTION(NOBODY, 44)               \
    OPTION(FOLLOWLOCATION, 52)       \
    OPTION(XFERINFODATA, 10057)      \
    OPTION(CAINFO, 10065)            \
    OPTION(CONNECTTIMEOUT, 78)       \
    OPTION(HEADERFUNCTION, 20079)    \
    OPTION(BUFFERSIZE, 98)           \
    OPTION(NOSIGNAL, 99)             \
    OPTION(PROTOCOLS, 181)           \
    OPTION(XFERINFOFUNCTION, 20219)  \
    OPTION(SUPPRESS_CONNECT_HEADERS, 265)

#define PEFT_CODES(CODE)             \
    CODE(OK, 0)                      \
    CODE(COULDNT_RESOLVE_PROXY, 5)   \
    CODE(COULDNT_RESOLVE_HOST, 6)    \
    CODE(COULDNT_CONNECT, 7)         \
    CODE(WRITE_ERROR, 23)            \
    CODE(OPERATION_TIMEDOUT, 28)     \
    CODE(SSL_CONNECT_ERROR, 35)      \
    CODE(ABORTED_BY_CALLBACK, 42)    \
    CODE(PEER_FAILED_VERIFICATION, 60) \
    CODE(SSL_CACERT_BADFILE, 77)

enum {
#define OPTION(name, value) OPTION_##name = value,
    PEFT_OPTIONS(OPTION)
#undef OPTION
#define CODE(name, value) CODE_##name = value,
    PEFT_CODES(CODE)
#undef CODE
    PROTOCOL_HTTP = 1,
    PROTOCOL_HTTPS = 2,
    EVERYTHING = 3,
};

#if __has_include(<curl/curl.h>)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#include <curl/curl.h>
#define OPTION(name, value) _Static_assert((int)CURLOPT_##name == value, "libcurl's option " #name);
PEFT_OPTIONS(OPTION)
#undef OPTION
#define CODE(name, value) _Static_assert((int)CURLE_##name == value, "libcurl's code " #name);
PEFT_CODES(CODE)
#undef CODE
#pragma clang diagnostic pop
#endif

#endif
