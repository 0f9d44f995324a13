package hostile_test

import "regexp"

// nginxDifference is a kind of request of which nginx and our front make different
// things on purpose.
type nginxDifference struct {
	names *regexp.Regexp
	why   string
}

func differs(names, why string) nginxDifference {
	return nginxDifference{regexp.MustCompile("^(?:" + names + ")$"), why}
}

// nginxDifferences are all of them; the first that fits a request counts. "It" is nginx.
var nginxDifferences = []nginxDifference{
	// What it takes and ours refuses.
	differs(`chunk: (bad extension .*|extensions without end)`, "it does not look into an extension, nor bound it"),
	differs(`chunk: (body ends in LF|data ends in LF|last one ends in LF|size ends in LF)|trailer: bare LF`, "it takes a bare LF in a chunked body for the end of a line"),
	differs(`chunk: size "3[ \\t]+"`, "it takes white space behind a size that no extension follows"),
	differs(`chunk: body without its last line|trailer: .*`, "it steps over trailers without a look at their grammar or size, and passes none on"),
	differs(`line: bare LF.*|field: (bare LF.*|CR CR LF|LF CR)`, "it takes a bare LF for the end of a line, and a CR before the CR LF for nothing"),
	differs(`line: (leading bare (CR|LF)|two leading empty lines)`, "it steps over any number of line ends before a request"),
	differs(`line: (space behind the version|two spaces before the (target|version))`, "it takes more spaces than one in a request line"),
	differs(`field: (name (with|ends in) 0x..|no colon|bad one behind a good body's head)`, "it drops a field line that breaks the grammar and serves the rest; what it dropped may have been another's framing"),
	differs(`field: value with 0x..`, "it passes controls on in values; the app's own server refuses them"),
	differs(`host: "[#<@"\x60{|].*|host: ".*[#>?@\\^\x60{|\xff].*"|host: "é"|target: absolute with a bad Host`, "it passes such a host on; the app's own server refuses it"),
	differs(`host: ".*[%:\[\]].*"|target: http://\[\]/p`, "it does not check escapes, ports and addresses in a host"),
	differs(`target: (/#|/p#f|/p\?q#f|http://b/p#f)`, "it passes a fragment on, which no target has"),
	differs(`target: (query )?with 0x[89a-f].`, "it passes bytes above 0x7f on, which no URI has"),
	differs(`target: (ftp|gopher|ws|httpx)://b/p?`, "it takes any scheme for http"),
	differs(`version: "HTTP/1\.(01|10)"`, "it takes more digits than one for a minor version"),
	differs(`size: (field|target) (one below|at|one beyond) the limit`, "its limit is that of a line, ours that of the head, and what the forwarder adds may go beyond that of the app's own server"),
	// What ours takes and it refuses.
	differs(`expect: twice`, "it refuses an Expect that is there twice"),
	differs(`host: empty|host: of spaces|line: next line in HTTP/1\.0|version: 1\.0 without a host|target: absolute in HTTP/1\.0 without a Host`,
		"it sends no Host where the client's is empty, and the app's own server refuses that"),
	differs(`expect: .*`, "it asks for the body itself and passes no expectation on; ours passes it on, and net/http behind it says 417"),
	differs(`field: a thousand|size: many fields`, "it takes so many fields at most; ours so many bytes"),
	differs(`framing: ".*\\t(3|chunked)\\t.*|host: with space around`, "it does not know the tab for white space"),
	differs(`framing: length in TRACE|method: TRACE`, "it refuses TRACE"),
	differs(`host: a\.\.b|target: http://b,c/p`, "it refuses two dots in a row and a comma in a host, which RFC 3986 allows"),
	differs(`method: .*`, "it knows upper-case letters, hyphen and underscore in a method; a token has more"),
	differs(`target: (/%00|/%2e%2e/p|/\.\./p|http://b/\.\./p)`, "it reads the path to find a location; ours passes it on byte by byte"),
	differs(`target: CONNECT.*`, "it refuses CONNECT and closes; ours says 501 and goes on"),
	differs(`target: OPTIONS .*`, "it does not serve OPTIONS *"),
	// Connections.
	differs(`connection: HTTP/1\.0 .*keep-alive.*|connection: close first of two fields`, "it goes by the last of two Connection fields; ours closes if either says so (RFC 9112, 9.3)"),
	differs(`connection: .*(close|everything).*`, "it looks for the word close anywhere in Connection"),
}
