#ifndef PEFTKIT_CTRANSFER_H
#define PEFTKIT_CTRANSFER_H

#include <stdbool.h>
#include <stddef.h>

// One HTTP request at a time by libcurl, which is loaded when it is first needed: a program that downloads nothing neither
// links it nor starts slower.

/// Connections that are kept open between requests; to be used by one thread at a time.
typedef struct peft_connections peft_connections;

typedef struct {
    const char *url;
    /// Whether only the head of the answer is asked for.
    bool wants_head_only;
    /// Lines as in `Range: bytes=1-`, the last one NULL.
    const char *const *headers;
    /// Seconds without a byte after which the request fails.
    long timeout;
    /// Given each line of the answer's head, and each piece of its body; false ends the transfer.
    bool (*take_line)(void *context, const char *bytes, size_t count);
    bool (*take_body)(void *context, const char *bytes, size_t count);
    /// Asked about once a second, and more often while bytes come.
    bool (*is_cancelled)(void *context);
    void *context;
} peft_request;

/// How a request ended.
typedef enum {
    PEFT_TRANSFER_DONE = 0,
    /// Because a callback said so.
    PEFT_TRANSFER_STOPPED,
    PEFT_TRANSFER_TIMED_OUT,
    PEFT_TRANSFER_UNKNOWN_HOST,
    PEFT_TRANSFER_REFUSED,
    PEFT_TRANSFER_INSECURE,
    PEFT_TRANSFER_LOST,
} peft_transfer_end;

/// `certificates`: a file with the authorities that vouch for servers, or NULL for the system's.
/// NULL where there is no libcurl, or no memory.
peft_connections *peft_connections_open(const char *certificates);

void peft_connections_close(peft_connections *connections);

/// Asks, and gives the answer to the callbacks; redirects are answers like others.
///
/// `message` is what libcurl says of a failure, shortened to `capacity`.
peft_transfer_end peft_transfer(
    peft_connections *connections, const peft_request *request, char *message, size_t capacity
);

#endif
