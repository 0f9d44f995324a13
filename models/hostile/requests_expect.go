package hostile

import "strings"

// expectRequests returns forms of Expect (RFC 9110, 10.1.1), with the body sent at once.
// What waits for the 100 is a test of its own.
func expectRequests() []Request {
	const why = "RFC 9110, 10.1.1 lets a server answer 417 to what it does not know; net/http does"
	refused := []Exception{{"stdlib", "417; closed", why}, {"out-of-process", "417; kept", why + ", behind the forwarder"}}
	return []Request{
		{Name: "expect: 100-continue", Input: post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "expect: upper case", Input: post("Expect: 100-CONTINUE\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "expect: in chunks", Input: post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), Want: posted},
		{Name: "expect: twice", Input: post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "expect: then a request", Input: post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc") + get(""), Want: `POST /p a "abc"; GET /p a ""; kept`},
		{Name: "expect: a request for a body", Input: post("Expect: 100-continue\r\nContent-Length: 35\r\n", Smuggled), Want: `POST /p a "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"; kept`},
		{Name: "expect: without a body", Input: get("Expect: 100-continue\r\n"), Want: plain},
		{Name: "expect: with length zero", Input: post("Expect: 100-continue\r\nContent-Length: 0\r\n", ""), Want: `POST /p a ""; kept`},
		{Name: "expect: in HTTP/1.0", Input: "POST /p HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", Want: `POST /p a "abc"; closed`},
		{Name: "expect: empty", Input: post("Expect:\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "expect: something else", Input: post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc"), Want: posted, Except: refused},
		{Name: "expect: a list", Input: post("Expect: 100-continue, x\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "expect: with a parameter", Input: post("Expect: 100-continue;x=y\r\nContent-Length: 3\r\n", "abc"), Want: posted, Except: refused},
		{Name: "expect: misspelt", Input: post("Expect: 100-continued\r\nContent-Length: 3\r\n", "abc"), Want: posted, Except: refused},
		{Name: "expect: and both framings", Input: post("Expect: 100-continue\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+Smuggled), Want: bad,
			Todo: todo("nethttp", bothFramings)},
		{Name: "expect: and a bad chunk", Input: post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "x\r\n"+Smuggled), Want: bad},
	}
}

// MaxHead is the limit of a request head in bytes that the size requests are made for.
const MaxHead = 64 << 10

// sizeRequests returns requests whose heads are at the limit, one byte below and one
// byte beyond it.
func sizeRequests() []Request {
	pad := func(head string, size int) string {
		at := strings.Index(head, "@")
		return head[:at] + strings.Repeat("a", size-len(head)+1) + head[at+1:]
	}
	const around = "net/http's limit lies within 4 KiB of ours"
	off := func(served string) []Exception {
		return []Exception{{"out-of-process", served + " or 431; kept or " + tooBig, "what the forwarder adds goes beyond the limit of the app's own server, which is net/http's"},
			{"stdlib", served + " or " + tooBig, around}}
	}
	field, target := get("X-A: @\r\n"), line("GET /@ HTTP/1.1")
	path := func(n int) string { return "GET /" + strings.Repeat("a", n) + ` a ""; kept` }
	early := []Exception{{"lean+out-of-process", "", "the app refuses it, and the front waits for the rest of the body, to go on behind it"}}
	unsaid := todo("nethttp+out-of-process", "the connection ends behind the app's refusal without a word of it")
	return []Request{
		{Name: "size: field one below the limit", Input: pad(field, MaxHead-1), Want: plain, Except: off(plain)},
		{Name: "size: field at the limit", Input: pad(field, MaxHead), Want: plain, Except: off(plain)},
		{Name: "size: field one beyond the limit", Input: pad(field, MaxHead+1), Want: tooBig, Except: off(plain)},
		{Name: "size: field far beyond the limit", Input: pad(field, MaxHead+9000), Want: tooBig},
		{Name: "size: target of 8,000 bytes", Input: pad(target, 8000+len(target)-1), Want: path(8000)},
		{Name: "size: target one below the limit", Input: pad(target, MaxHead-1), Want: path(MaxHead - len(target)), Except: off(path(MaxHead - len(target)))},
		{Name: "size: target at the limit", Input: pad(target, MaxHead), Want: path(MaxHead - len(target) + 1), Except: off(path(MaxHead - len(target) + 1))},
		{Name: "size: target one beyond the limit", Input: pad(target, MaxHead+1), Want: tooBig, Except: off(path(MaxHead - len(target) + 2))},
		{Name: "size: target far beyond the limit", Input: pad(target, MaxHead+9000), Want: tooBig},
		{Name: "size: method far beyond the limit", Input: strings.Repeat("M", MaxHead+9000) + " /p HTTP/1.1\r\nHost: a\r\n\r\n", Want: tooBig},
		{Name: "size: many fields", Input: get(strings.Repeat("A: b\r\n", 10_000)), Want: plain},
		{Name: "size: too many fields", Input: get(strings.Repeat("A: b\r\n", 13_000)), Want: tooBig},
		{Name: "size: too large behind a request", Input: get("") + pad(field, MaxHead+9000), Want: `GET /p a ""; ` + tooBig},
		{Name: "size: length one beyond the body's limit", Input: post("Content-Length: 30000001\r\n", ""), Want: "413; closed", Except: early, Todo: unsaid},
		{Name: "size: length far beyond the body's limit", Input: post("Content-Length: 999999999999999999\r\n", ""), Want: "413; closed", Todo: unsaid},
	}
}
