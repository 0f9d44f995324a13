using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Twin;

/// <summary>What the app sees of a request, as JSON that Go's encoding/json would have written.</summary>
static class Whoami
{
    public static Task Answer(HttpContext context)
    {
        var request = context.Request;
        var text = new StringBuilder("{\n");
        void Field(string name, string value) => text.Append("  \"").Append(name).Append("\": ").Append(value).Append(",\n");
        Field("method", Quote(request.Method));
        Field("uri", Quote(context.Features.Get<IHttpRequestFeature>()!.RawTarget));
        Field("path", Quote(request.Path.Value ?? ""));
        Field("path_base", Quote(request.PathBase.Value ?? ""));
        Field("proto", Quote(request.Protocol == "HTTP/2" ? "HTTP/2.0" : request.Protocol));
        Field("scheme", Quote(request.Scheme));
        Field("host", Quote(request.Host.Value ?? ""));
        Field("remote_addr", Quote(Address(context.Connection)));
        Field("content_length", (Transfer.Length(context) ?? -1).ToString(CultureInfo.InvariantCulture));
        Field("header", Header(request.Headers));
        if (context.Connection.ClientCertificate is { } certificate)
            Field("client_certificate", Quote(Convert.ToBase64String(certificate.RawData)));
        text.Append("  \"pid\": ").Append(Environment.ProcessId).Append("\n}");
        return Answers.Fixed(context, "application/json", Encoding.UTF8.GetBytes(text.ToString()));
    }

    static string Address(ConnectionInfo connection)
    {
        var ip = connection.RemoteIpAddress;
        if (ip is { IsIPv4MappedToIPv6: true }) ip = ip.MapToIPv4();
        return ip is null ? "" : new System.Net.IPEndPoint(ip, connection.RemotePort).ToString();
    }

    static string Header(IHeaderDictionary header)
    {
        var fields = header.Where(f => !f.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
            .Select(f => (Name: Canonical(f.Key), f.Value)).OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => $"    {Quote(f.Name)}: [\n{string.Join(",\n", f.Value.Select(v => "      " + Quote(v ?? "")))}\n    ]");
        var all = string.Join(",\n", fields);
        return all.Length == 0 ? "{}" : "{\n" + all + "\n  }";
    }

    /// <summary>The name in net/http's spelling.</summary>
    static string Canonical(string name) => string.Create(name.Length, name, (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = i == 0 || from[i - 1] == '-' ? char.ToUpperInvariant(from[i]) : char.ToLowerInvariant(from[i]);
    });

    static string Quote(string s)
    {
        var text = new StringBuilder("\"");
        foreach (var c in s)
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        return text.Append('"').ToString();
    }
}
