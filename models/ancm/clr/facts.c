//go:build clr && linux && amd64 && cgo

// What the app may ask beside the request itself, and the functions that IISHttpServer
// does not call on Linux.
#define _GNU_SOURCE
#include "half.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

API hresult http_close_connection(void *handle);
API hresult http_set_close(void *handle);

// variable is a server variable: of the request's, or set by the app.
typedef struct variable {
	struct variable *next;
	uint16_t *value; // NULL: taken away
	char name[];
} variable;

void forget_variables(slot *s) {
	for (variable *v = s->variables, *next; v; v = next) {
		next = v->next;
		free(v->value);
		free(v);
	}
	s->variables = NULL;
}

static size_t wide_length(const uint16_t *w) {
	size_t n = 0;
	while (w[n]) n++;
	return n;
}

// bstr_of returns a copy as bstr has it.
static uint16_t *bstr_of(const uint16_t *from) {
	size_t n = wide_length(from);
	char *memory = malloc(8 + 2 * n + 2);
	if (!memory) return NULL;
	*(uint32_t *)(memory + 4) = 2 * n;
	return memcpy(memory + 8, from, 2 * n + 2);
}

static const span none = {NULL, 0};
static span of(const char *text) { return (span){text, strlen(text)}; }

// port_of returns what stands behind the last colon, host_of what stands before it,
// without the brackets of IPv6.
static span port_of(span a) {
	for (uint32_t i = a.length; i > 0; i--)
		if (a.at[i - 1] == ':') return (span){a.at + i, a.length - i};
	return none;
}

static span host_of(span a) {
	uint32_t n = a.length;
	if (n && a.at[0] == '[') {
		for (n = 1; n < a.length && a.at[n] != ']'; n++) {}
		return (span){a.at + 1, n - 1};
	}
	while (n && a.at[n - 1] != ':') n--;
	return n ? (span){a.at, n - 1} : a;
}

static span query_of(span target) {
	const char *q = memchr(target.at, '?', target.length);
	return q ? (span){q + 1, target.at + target.length - q - 1} : of("");
}

static span known_of(slot *s, int known) {
	known_field *f = &s->request->fields.known[known];
	return f->length ? (span){f->value, f->length} : none;
}

static const char *const known_names[KNOWN_REQUEST] = {
	"Cache-Control", "Connection", "Date", "Keep-Alive", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
	"Allow", "Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5",
	"Content-Range", "Expires", "Last-Modified", "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language",
	"Authorization", "Cookie", "Expect", "From", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
	"If-Unmodified-Since", "Max-Forwards", "Proxy-Authorization", "Referer", "Range", "TE", "Translate", "User-Agent",
};

// like reports whether a field has the name of a variable, which has _ for -.
static int like(const char *field, size_t n, const char *variable) {
	for (size_t i = 0; i < n; i++)
		if ((field[i] == '-' ? '_' : field[i] | 0x20) != (variable[i] == '_' ? '_' : variable[i] | 0x20)) return 0;
	return !variable[n];
}

// field_of returns the value of a field by the name of its variable, without HTTP_.
static span field_of(slot *s, const char *name) {
	for (int i = 0; i < KNOWN_REQUEST; i++)
		if (like(known_names[i], strlen(known_names[i]), name)) return known_of(s, i);
	for (int i = 0; i < s->request->fields.unknown_count; i++) {
		unknown_field *f = &s->request->fields.unknown[i];
		if (strlen(name) == f->name_length && like(f->name, f->name_length, name)) return (span){f->value, f->length};
	}
	return none;
}

// fact returns a server variable of the request; its address is NULL if there is none.
// It may use text for the value.
static span fact(slot *s, const char *name, char text[32]) {
	raw_request *r = s->request;
	if (!strcasecmp(name, "WEBSOCKET_VERSION")) return clr_settings.no_websockets ? none : of("13");
	if (!strcasecmp(name, "REQUEST_METHOD") || !strcasecmp(name, "HTTP_METHOD")) return s->method;
	if (!strcasecmp(name, "UNENCODED_URL")) return s->target;
	if (!strcasecmp(name, "QUERY_STRING")) return query_of(s->target);
	if (!strcasecmp(name, "REMOTE_ADDR") || !strcasecmp(name, "REMOTE_HOST")) return host_of(s->client);
	if (!strcasecmp(name, "REMOTE_PORT")) return port_of(s->client);
	if (!strcasecmp(name, "LOCAL_ADDR")) return host_of(s->local);
	if (!strcasecmp(name, "SERVER_PORT")) return port_of(s->local);
	if (!strcasecmp(name, "SERVER_NAME")) return known_of(s, 28).at ? host_of(known_of(s, 28)) : host_of(s->local);
	if (!strcasecmp(name, "SERVER_PORT_SECURE")) return of(r->tls ? "1" : "0");
	if (!strcasecmp(name, "HTTPS")) return of(r->tls ? "on" : "off");
	if (!strcasecmp(name, "SERVER_PROTOCOL") || !strcasecmp(name, "HTTP_VERSION")) {
		snprintf(text, 32, "HTTP/%d.%d", r->flags & HTTP2_FLAG ? 2 : r->major, r->flags & HTTP2_FLAG ? 0 : r->minor);
		return of(text);
	}
	if (!strcasecmp(name, "AUTH_USER") || !strcasecmp(name, "LOGON_USER") || !strcasecmp(name, "REMOTE_USER")) return s->user.at ? s->user : of("");
	if (!strcasecmp(name, "AUTH_TYPE")) return s->user_by.at ? s->user_by : of("");
	if (!strcasecmp(name, "CONTENT_TYPE")) return known_of(s, 12).at ? known_of(s, 12) : of("");
	if (!strcasecmp(name, "CONTENT_LENGTH")) return known_of(s, 11).at ? known_of(s, 11) : of("0");
	return strncasecmp(name, "HTTP_", 5) ? none : field_of(s, name + 5);
}

// http_query_request_property gives what the server asks of a connection with TLS: the
// cipher suite (14) and the name that the client asked for (4).
API hresult http_query_request_property(uint64_t id, int property, void *qualifier, uint32_t qualifier_size, void *out, uint32_t size, uint32_t *got, void *overlapped) {
	(void)qualifier, (void)qualifier_size, (void)overlapped;
	slot *s = enter((void *)id);
	if (!s) return HR_NOT_FOUND;
	hresult hr = HR_UNSUPPORTED;
	if (property == 14 && s->cipher_suite && size >= 12) {
		memset(out, 0, size);
		((uint32_t *)out)[0] = 1;
		((uint32_t *)out)[1] = s->tls_version;
		((uint32_t *)out)[2] = s->cipher_suite;
		hr = HR_OK;
	} else if (property == 4 && s->server_name.at && s->server_name.length < size / 2) {
		memset(out, 0, size);
		for (uint32_t i = 0; i < s->server_name.length; i++) ((uint16_t *)out)[i] = (unsigned char)s->server_name.at[i];
		hr = HR_OK;
	}
	if (hr == HR_OK && got) *got = size;
	leave(s);
	return hr;
}

// http_get_server_variable gives what the app has set, else what the request says. The
// server itself asks once for WEBSOCKET_VERSION.
API hresult http_get_server_variable(void *handle, const char *name, uint16_t **value) {
	*value = NULL;
	slot *s = enter(handle);
	if (!s) return HR_NO_VARIABLE;
	char text[32];
	variable *v = s->variables;
	while (v && strcasecmp(v->name, name)) v = v->next;
	if (v) {
		if (v->value) *value = bstr_of(v->value);
	} else {
		span f = fact(s, name, text);
		if (f.at) *value = bstr(f.at, f.length);
	}
	leave(s);
	return *value ? HR_OK : HR_NO_VARIABLE;
}

API hresult http_set_server_variable(void *handle, const char *name, const uint16_t *value) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	variable *v = s->variables;
	while (v && strcasecmp(v->name, name)) v = v->next;
	if (!v && (v = calloc(1, sizeof *v + strlen(name) + 1))) {
		strcpy(v->name, name);
		v->next = s->variables;
		s->variables = v;
	}
	uint16_t *copy = value ? malloc(2 * wide_length(value) + 2) : NULL;
	if (copy) memcpy(copy, value, 2 * wide_length(value) + 2);
	if (v) {
		free(v->value);
		v->value = copy;
	} else {
		free(copy);
	}
	leave(s);
	return HR_OK;
}

API hresult http_get_authentication_information(void *handle, uint16_t **type, void **token) {
	(void)handle;
	*type = NULL;
	*token = NULL;
	return HR_OK;
}

API hresult http_disable_buffering(void *handle) {
	(void)handle; // nothing is held back beyond a flush
	return HR_OK;
}

// The rest is asked for only where Windows is new enough: never here.
API hresult http_has_response4(void *handle, int *yes) {
	(void)handle;
	*yes = 0;
	return HR_OK;
}

API hresult http_reset_stream(void *handle, uint64_t error) {
	(void)error; // the front breaks a stream in one way
	return http_close_connection(handle);
}

API hresult http_response_set_need_goaway(void *handle) { return http_set_close(handle); }

API hresult http_response_set_trailer(void *handle, const char *name, const char *value, uint16_t length, int replace) {
	(void)handle, (void)name, (void)value, (void)length, (void)replace;
	return HR_UNSUPPORTED;
}

API hresult http_set_startup_error_page_content(const char *page, int length) {
	(void)page, (void)length; // the module has a page of its own
	return HR_OK;
}
