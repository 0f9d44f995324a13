package peers

import "fmt"

// nginxConfig returns the configuration file of nginx. Directives and defaults:
// nginx.org/en/docs, modules core, http_core, http_proxy and http_upstream.
func (p Proxy) nginxConfig(at string) string {
	forwarded := ""
	if p.Forwarded {
		forwarded = `
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;`
	}
	// Two descriptors for each client, and some for nginx itself.
	files := 2*p.Connections + 128
	return fmt.Sprintf(`daemon off;
worker_processes 1;
worker_rlimit_nofile %[1]d;
pid nginx.pid;
error_log stderr error;
events {
    worker_connections %[1]d;
}
http {
    access_log off;
    tcp_nodelay on;
    client_max_body_size 0;
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    # A connection lives as long as its client wants: the default ends it after
    # 1000 requests, which would be measured.
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    upstream backend {
        server %[2]s;
        keepalive %[3]d;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }
    server {
        listen %[4]s backlog=4096;
        location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;%[5]s
            proxy_read_timeout 1h;
            # Bodies stream through: neither way do they touch a disk.
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
        }
    }
}
`, files, p.Backend, p.Connections, at, forwarded)
}

// haproxyConfig returns the configuration file of HAProxy. Keywords and defaults: the
// HAProxy configuration manual, sections 3 and 4.
func (p Proxy) haproxyConfig(at string) string {
	forwarded := ""
	if p.Forwarded {
		forwarded = "\n    option forwardfor\n    http-request set-header X-Forwarded-Proto http"
	}
	return fmt.Sprintf(`global
    nbthread 1
    maxconn %[1]d
defaults
    mode http
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    timeout http-keep-alive 1h
    option http-keep-alive
    http-reuse always
frontend front
    bind %[2]s backlog 4096%[4]s
    default_backend back
backend back
    # Idle connections stay: the default ends half of the unused ones every 5 s.
    server app %[3]s pool-max-conn -1 pool-purge-delay 1h
`, p.Connections+16, at, p.Backend, forwarded)
}
