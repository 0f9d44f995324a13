//go:build clr && linux && amd64 && cgo

// What passes between Microsoft's IISHttpServer and a native half: HTTP.sys's structures
// as IISHttpServer reads them, on a 64-bit system, and the numbers it knows.
#ifndef IIS_H
#define IIS_H
#include <stddef.h>
#include <stdint.h>

typedef int32_t hresult;

#define HR_OK 0
#define HR_END ((hresult)0x80070026)          // ERROR_HANDLE_EOF: the body's end
#define HR_GONE ((hresult)0x80070040)         // ERROR_NETNAME_DELETED: the client has gone
#define HR_ABORTED ((hresult)0x800703e3)      // ERROR_OPERATION_ABORTED: only the answer to http_cancel_io
#define HR_NOT_FOUND ((hresult)0x80070490)    // ERROR_NOT_FOUND
#define HR_NO_VARIABLE ((hresult)0x80070585)  // ERROR_INVALID_INDEX
#define HR_UNSUPPORTED ((hresult)0x80070032)  // ERROR_NOT_SUPPORTED
#define HR_BUSY ((hresult)0x800700aa)         // ERROR_BUSY

enum { KNOWN_REQUEST = 41, KNOWN_RESPONSE = 30 };
enum { HTTP2_FLAG = 4, FAMILY_V4 = 2, FAMILY_V6 = 23 };

typedef struct { uint16_t length; const char *value; } known_field;
typedef struct { uint16_t name_length, length; const char *name, *value; } unknown_field;
typedef struct { int32_t type; uint32_t length; const void *info; } request_info;
typedef struct { uint32_t flags, size; const void *der; void *token; uint8_t denied; } client_certificate;
typedef struct {
	uint16_t server_key_size, connection_key_size;
	uint32_t issuer_size, subject_size;
	const char *issuer, *subject;
	client_certificate *client;
	uint32_t negotiated;
} tls_info;
typedef struct { uint32_t protocol, cipher, cipher_strength, hash, hash_strength, exchange, exchange_strength; } tls_protocol;

// HTTP_REQUEST_V2. What IISHttpServer does not read is left out of the names.
typedef struct {
	uint32_t flags;
	uint64_t connection_id, request_id, url_context;
	uint16_t major, minor;
	int32_t verb;
	uint16_t unknown_verb_length, raw_url_length;
	const char *unknown_verb;
	char *raw_url; // it is unescaped in place
	struct {
		uint16_t full_length, host_length, path_length, query_length; // in bytes
		const uint16_t *full, *host, *path, *query;
	} cooked;
	struct { void *remote, *local; } address;
	struct {
		uint16_t unknown_count;
		unknown_field *unknown;
		uint16_t trailer_count;
		void *trailers;
		known_field known[KNOWN_REQUEST];
	} fields;
	uint64_t bytes_received;
	uint16_t chunk_count;
	void *chunks;
	uint64_t raw_connection_id;
	tls_info *tls;
	uint16_t info_count;
	request_info *info;
} raw_request;

// HTTP_DATA_CHUNK, of the only type that is used: memory.
typedef struct { int32_t type, pad; const char *bytes; uint32_t length, pad2; uint64_t pad3; } data_chunk;

// IISConfigurationData.
typedef struct {
	void *application;
	uint16_t *full_path, *virtual_path;
	int32_t windows, basic, anonymous;
	uint16_t *bindings;
	uint32_t max_body;
} configuration;

// What a completion callback of a WebSocket is given.
typedef struct { int32_t bytes; hresult hr; } completion_info;

_Static_assert(sizeof(known_field) == 16 && sizeof(unknown_field) == 24 && sizeof(request_info) == 16, "fields");
_Static_assert(sizeof(client_certificate) == 32 && sizeof(tls_info) == 48 && offsetof(tls_info, client) == 32, "TLS");
_Static_assert(sizeof(tls_protocol) == 28 && sizeof(data_chunk) == 32 && offsetof(data_chunk, length) == 16, "chunks");
_Static_assert(offsetof(raw_request, raw_url) == 56 && offsetof(raw_request, cooked) == 64, "request line");
_Static_assert(offsetof(raw_request, address) == 104 && offsetof(raw_request, fields) == 120, "addresses");
_Static_assert(offsetof(raw_request, bytes_received) == 808 && offsetof(raw_request, tls) == 840, "behind the fields");
_Static_assert(offsetof(raw_request, info_count) == 848 && sizeof(raw_request) == 864, "HTTP_REQUEST_V2");
_Static_assert(sizeof(configuration) == 56 && offsetof(configuration, bindings) == 40, "IISConfigurationData");

// The callbacks of IISHttpServer. A notification is 1 for taken, 2 for not.
typedef int32_t (*request_callback)(void *handle, void *context);
typedef int32_t (*shutdown_callback)(void *context);
typedef void (*disconnect_callback)(void *managed);
typedef int32_t (*completion_callback)(void *managed, hresult hr, int32_t bytes);
typedef void (*drained_callback)(void *context);
typedef int32_t (*websocket_callback)(void *handle, void *info, void *context);

enum { TAKEN = 1, NOT_TAKEN = 2 };
enum { COMPLETION_CONTINUE = 0, COMPLETION_FINISH = 2 };
#endif
