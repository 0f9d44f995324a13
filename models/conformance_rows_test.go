package models_test

// conformanceRows are the rows of CONFORMANCE.md, in our words.
func conformanceRows() []row {
	return []row{
		{id: "CF-01", what: "`processPath`: required out-of-process; `%NAME%` expands; relative to the app's folder, else PATH"},
		{id: "CF-02", what: "`arguments`: quoted as Windows quotes them"},
		{id: "CF-03", what: "`hostingModel`: absent is out-of-process; inprocess or outofprocess in any case; anything else is refused with both values named"},
		{id: "CF-04", what: "`startupTimeLimit`: 120 s; 0 to 3600; 0 is one look, not for ever"},
		{id: "CF-05", what: "`shutdownTimeLimit`: 10 s; 0 to 600; counted from when an end begins, for stop, recycle and app_offline.htm alike (its effect: OP-16)"},
		{id: "CF-06", what: "`rapidFailsPerMinute`: 10; 0 to 100 (its effect: OP-14)"},
		{id: "CF-07", what: "`requestTimeout`: 2 minutes; 0 to 360 h; per operation, not in total (its effect: OP-15)"},
		{id: "CF-08", what: "`processesPerApplication`: 1; 1 to 100, asked in turn"},
		{id: "CF-09", what: "`stdoutLogEnabled`, `stdoutLogFile`: path, time in UTC and process id make the name; when off, the first 30,000 characters are kept for the start-up error"},
		{id: "CF-10", what: "`environmentVariables`: override inherited ones of the same name, whatever its case; where the system tells case, the inherited spelling has the value too"},
		{id: "CF-11", what: "`forwardWindowsAuthToken`: true unless it says false; false forwards no caller's identity"},
		{id: "CF-12", what: "`disableStartUpErrorPage`: 502.5 without its page"},
		{id: "CF-13", what: "`handlerSettings`: `debugLevel` (ERROR to TRACE; CONSOLE, FILE), `debugFile` and `forwardResponseConnectionHeader` work, also by `ASPNETCORE_MODULE_DEBUG` and `_FILE`; EVENTLOG is the worker's standard error; others are accepted and said to be without effect"},
		{id: "CF-14", what: "module v1 knows out-of-process only, ignores `hostingModel`, and says so"},

		{id: "IP-01", what: "the app runs in the worker: no second process, no loopback socket"},
		{id: "IP-02", what: "the app is initialised once, within startupTimeLimit: too slow is 500.37, failed is 500.30, and stays so until the worker recycles"},
		{id: "IP-03", what: "the request is handed over without HTTP being written again; the app sees the client itself, no forwarded fields, no token"},
		{id: "IP-04", what: "a client that goes away cancels the request's context"},
		{id: "IP-05", what: "a crash of the app is a crash of the worker; another starts, and the socket never closes"},
		{id: "IP-06", what: "one app in-process in a worker, the first that is asked: others get 500.35; models are not mixed in one: 500.34; several out-of-process share it"},

		{id: "OP-01", what: "the app's process starts with the first request; concurrent first requests wait for the one start"},
		{id: "OP-02", what: "a random port in 10000 to 48000 on 127.0.0.1, at most 10 picks and 2 attempts; `ASPNETCORE_PORT` is honoured in 1025 to 48000, else 502.5"},
		{id: "OP-03", what: "the app is told port, token, path and the rest by environment, the HTTPS port where there is a TLS listener, so that any program that listens where it is told is hosted; `dotnet.exe` and `app.exe` are understood"},
		{id: "OP-04", what: "ready is: the child or a descendant listens on that port; a stranger is refused; by event, or by the original's 250 ms looks"},
		{id: "OP-05", what: "forwarding is HTTP/1.1 with keep-alive on loopback, whatever the client spoke"},
		{id: "OP-06", what: "fields from outside that begin with MS-ASPNETCORE are removed"},
		{id: "OP-07", what: "added: the token, `X-Forwarded-For`, `X-Forwarded-Proto`, the client's certificate, which the front may accept or require of a given authority"},
		{id: "OP-08", what: "Host, method, path and query go through byte for byte; fields of the connection do not (RFC 9110, 7.6.1, where the original forwards some)"},
		{id: "OP-09", what: "responses stream through with their reason phrase, trailers and 1xx; the app's `Date` and `Connection` do not; redirects are not followed"},
		{id: "OP-10", what: "WebSocket: 101 makes two pumps, extensions are removed, another answer is an ordinary one; `<webSocket enabled=\"false\"/>` is no upgrade, and the app is told"},
		{id: "OP-11", what: "without the right token: 400 and an empty body; the app listens on loopback only"},
		{id: "OP-12", what: "the middleware takes scheme, client and path base from the right-most entries and keeps older ones; what is not below the path base gets 404"},
		{id: "OP-13", what: "the app's exit breaks what is in flight with 502.3; the next request starts it again, nothing before"},
		{id: "OP-14", what: "more than rapidFailsPerMinute exits in a window of 60 s: 502.5 until it ends"},
		{id: "OP-15", what: "backend refused, reset, malformed or silent: 502.3; start failed: 502.5 with a page, which shows no secret; module stopping: 503; client gone: the backend request is cancelled; each event is also a line on standard error"},
		{id: "OP-16", what: "an end has three steps, whatever begins it: the app is told (the event with the token, else SIGTERM; one that handles no SIGTERM gets it when nothing is in flight), has shutdownTimeLimit to finish, and is then forced; meanwhile requests get 503 and what has begun is finished; a second stop is at once"},
		{id: "OP-17", what: "the worker's death takes the app and its children with it, `kill -9` included"},
		{id: "OP-18", what: "a request body is never replayed"},
		{id: "OP-19", what: "an app on another port than the one it was told: 502.5 that names the port and what listens instead"},

		{id: "BM-01", what: "`app_offline.htm`, in any case, a regular file: noticed without a request, the app is stopped gracefully, every request gets 503 with the file, of at most 1 MiB; without it the next request starts the app"},
		{id: "BM-02", what: "status and sub-status together, in `X-Ancm-Error` and in the request log"},
		{id: "BM-03", what: "request logging, authentication and static files in front of either model; a log on a full disk goes on, and counts what it lost"},
		{id: "BM-04", what: "environment variables and stdout logs under both models"},
		{id: "BM-05", what: "web.config changed on disk, noticed without a request, replaced files and links included: worker and app recycle, another worker serves meanwhile, at most one old one beside it and no longer than shutdownTimeLimit; no request that has begun is dropped, and no kept connection is closed that was not told"},
		{id: "BM-06", what: "limits: a head of 64 KiB within 30 s, a body of 30,000,000 bytes in-process; beyond: 400, 408, 413, 431"},

		{id: "WA-01", what: "the front authenticates (Negotiate with Kerberos by keytab, Basic), and both models see the same user; NTLM is not spoken"},
		{id: "WA-02", what: "out-of-process, a handle to the caller's identity is made valid in the app's process and its number sent as `MS-ASPNETCORE-WINAUTHTOKEN`: on Unix a descriptor over a socket pair, for our own app only; the app closes it", missing: "Windows, where no token is duplicated; and what the handle gives is a name and how it is known, nothing to act with"},
		{id: "WA-03", what: "a client cannot inject the token"},
	}
}
