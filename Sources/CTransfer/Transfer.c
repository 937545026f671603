#include "CTransfer.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "LibraryOptions.h"

typedef struct {
    int (*global_init)(long);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *, int, ...);
    int (*easy_perform)(void *);
    void (*easy_reset)(void *);
    void (*easy_cleanup)(void *);
    const char *(*easy_strerror)(int);
    void *(*slist_append)(void *, const char *);
    void (*slist_free_all)(void *);
} Library;

static Library library;
static bool isLoaded = false;
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
    const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"};
    void *handle = NULL;
    for (size_t index = 0; !handle && index < sizeof names / sizeof names[0]; index++) {
        handle = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
    }
    if (!handle) return;
    const struct {
        const char *name;
        void **place;
    } symbols[] = {
        {"curl_global_init", (void **)&library.global_init},   {"curl_easy_init", (void **)&library.easy_init},
        {"curl_easy_setopt", (void **)&library.easy_setopt},   {"curl_easy_perform", (void **)&library.easy_perform},
        {"curl_easy_reset", (void **)&library.easy_reset},     {"curl_easy_cleanup", (void **)&library.easy_cleanup},
        {"curl_easy_strerror", (void **)&library.easy_strerror}, {"curl_slist_append", (void **)&library.slist_append},
        {"curl_slist_free_all", (void **)&library.slist_free_all},
    };
    for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
        *symbols[index].place = dlsym(handle, symbols[index].name);
        if (!*symbols[index].place) return;
    }
    isLoaded = library.global_init(EVERYTHING) == CODE_OK;
}

// Writing to a connection that the server has closed must not end the program: libcurl leaves that to its user where it
// may install no signal handlers (NOSIGNAL). The signal is that of the writing thread, which takes none until this is over.
typedef struct {
    sigset_t before;
} Silence;

static sigset_t brokenPipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static Silence beginSilence(void) {
    Silence silence;
    sigset_t set = brokenPipe();
    pthread_sigmask(SIG_BLOCK, &set, &silence.before);
    return silence;
}

static void endSilence(Silence silence) {
    if (sigismember(&silence.before, SIGPIPE)) return;
    sigset_t set = brokenPipe();
    const struct timespec now = {0, 0};
    while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &silence.before, NULL);
}

struct peft_connections {
    void *handle;
    char *certificates;
};

peft_connections *peft_connections_open(const char *certificates) {
    pthread_once(&loading, load);
    if (!isLoaded) return NULL;
    peft_connections *connections = calloc(1, sizeof *connections);
    if (!connections) return NULL;
    connections->handle = library.easy_init();
    connections->certificates = certificates ? strdup(certificates) : NULL;
    if (connections->handle && (connections->certificates || !certificates)) return connections;
    peft_connections_close(connections);
    return NULL;
}

void peft_connections_close(peft_connections *connections) {
    if (!connections) return;
    Silence silence = beginSilence();
    if (connections->handle) library.easy_cleanup(connections->handle);
    endSilence(silence);
    free(connections->certificates);
    free(connections);
}

static size_t takeLine(const char *bytes, size_t size, size_t count, void *request) {
    const peft_request *asked = request;
    return asked->take_line(asked->context, bytes, size * count) ? size * count : 0;
}

static size_t takeBody(const char *bytes, size_t size, size_t count, void *request) {
    const peft_request *asked = request;
    return asked->take_body(asked->context, bytes, size * count) ? size * count : 0;
}

static int isCancelled(void *request, long long a, long long b, long long c, long long d) {
    (void)a, (void)b, (void)c, (void)d;
    const peft_request *asked = request;
    return asked->is_cancelled(asked->context) ? 1 : 0;
}

static peft_transfer_end endOf(int code) {
    switch (code) {
        case CODE_OK: return PEFT_TRANSFER_DONE;
        case CODE_WRITE_ERROR:
        case CODE_ABORTED_BY_CALLBACK: return PEFT_TRANSFER_STOPPED;
        case CODE_OPERATION_TIMEDOUT: return PEFT_TRANSFER_TIMED_OUT;
        case CODE_COULDNT_RESOLVE_PROXY:
        case CODE_COULDNT_RESOLVE_HOST: return PEFT_TRANSFER_UNKNOWN_HOST;
        case CODE_COULDNT_CONNECT: return PEFT_TRANSFER_REFUSED;
        case CODE_SSL_CONNECT_ERROR:
        case CODE_PEER_FAILED_VERIFICATION:
        case CODE_SSL_CACERT_BADFILE: return PEFT_TRANSFER_INSECURE;
        default: return PEFT_TRANSFER_LOST;
    }
}

peft_transfer_end peft_transfer(
    peft_connections *connections, const peft_request *request, char *message, size_t capacity
) {
    void *handle = connections->handle;
    char detail[256] = "";  // as long as libcurl asks for
    // Keeps the connections.
    library.easy_reset(handle);
    void *headers = NULL;
    for (const char *const *line = request->headers; *line; line++) {
        void *longer = library.slist_append(headers, *line);
        if (!longer) break;
        headers = longer;
    }
    library.easy_setopt(handle, OPTION_URL, request->url);
    library.easy_setopt(handle, OPTION_NOBODY, (long)request->wants_head_only);
    library.easy_setopt(handle, OPTION_HTTPHEADER, headers);
    library.easy_setopt(handle, OPTION_FOLLOWLOCATION, 0L);
    library.easy_setopt(handle, OPTION_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
    library.easy_setopt(handle, OPTION_SUPPRESS_CONNECT_HEADERS, 1L);
    library.easy_setopt(handle, OPTION_NOSIGNAL, 1L);
    library.easy_setopt(handle, OPTION_ERRORBUFFER, detail);
    library.easy_setopt(handle, OPTION_BUFFERSIZE, 1L << 18);
    library.easy_setopt(handle, OPTION_CONNECTTIMEOUT, request->timeout);
    library.easy_setopt(handle, OPTION_LOW_SPEED_LIMIT, 1L);
    library.easy_setopt(handle, OPTION_LOW_SPEED_TIME, request->timeout);
    library.easy_setopt(handle, OPTION_HEADERFUNCTION, takeLine);
    library.easy_setopt(handle, OPTION_HEADERDATA, request);
    library.easy_setopt(handle, OPTION_WRITEFUNCTION, takeBody);
    library.easy_setopt(handle, OPTION_WRITEDATA, request);
    library.easy_setopt(handle, OPTION_XFERINFOFUNCTION, isCancelled);
    library.easy_setopt(handle, OPTION_XFERINFODATA, request);
    library.easy_setopt(handle, OPTION_NOPROGRESS, 0L);
    if (connections->certificates) library.easy_setopt(handle, OPTION_CAINFO, connections->certificates);
    Silence silence = beginSilence();
    int code = library.easy_perform(handle);
    endSilence(silence);
    // Nothing here is looked at again.
    library.easy_setopt(handle, OPTION_ERRORBUFFER, NULL);
    library.slist_free_all(headers);
    if (capacity > 0) {
        strncpy(message, *detail ? detail : library.easy_strerror(code), capacity - 1);
        message[capacity - 1] = '\0';
    }
    return endOf(code);
}
