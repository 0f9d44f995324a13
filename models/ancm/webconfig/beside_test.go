package webconfig_test

import (
	"slices"
	"strings"
	"testing"

	"ancmbench/models/ancm/webconfig"
)

func TestSettingsWithoutEffectAreNamedOnce(t *testing.T) {
	read := func(inside string) (webconfig.Config, []string, error) {
		return webconfig.Reader{}.Read("web.config", strings.NewReader(`<configuration xmlns:xdt="http://schemas.microsoft.com/XML-Document-Transform"><system.webServer>`+
			inside+`<aspNetCore processPath="app"/></system.webServer></configuration>`))
	}
	for _, c := range []struct {
		inside string
		want   []string
		none   bool // no WebSockets
	}{
		{`<handlers><add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" resourceType="Unspecified"/></handlers>`, nil, false},
		{`<handlers><remove name="x"/><add name="api" path="api/*" verb="GET,POST" modules="AspNetCoreModule"/></handlers>`,
			[]string{`handler api: verb "GET,POST"`, `handler api: path "api/*"`}, false},
		{`<handlers><add name="php" path="*.php" verb="*" modules="FastCgiModule"/></handlers>`, []string{"handler php: without effect"}, false},
		{`<security><requestFiltering removeServerHeader="true"><requestLimits maxAllowedContentLength="5"/></requestFiltering></security>`, []string{"<requestFiltering>"}, false},
		{`<httpProtocol><customHeaders><add name="a" value="b"/><add name="c" value="d"/></customHeaders></httpProtocol>`, []string{"<customHeaders>"}, false},
		{`<rewrite><rules><rule name="x"/></rules></rewrite><rewrite/>`, []string{"<rewrite>"}, false},
		{`<modules runAllManagedModulesForAllRequests="false"><remove name="WebDAVModule"/></modules>`, []string{"<modules>"}, false},
		{`<webSocket enabled="false"/>`, nil, true},
		{`<webSocket enabled="true" pingInterval="00:00:10"/>`, []string{"<webSocket>: pingInterval"}, false},
	} {
		config, notices, err := read(c.inside)
		if err != nil {
			t.Errorf("%s: %v", c.inside, err)
		}
		if config.NoWebSockets != c.none {
			t.Errorf("%s: NoWebSockets is %v", c.inside, config.NoWebSockets)
		}
		if !slices.EqualFunc(notices, c.want, strings.HasPrefix) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.inside, notices, c.want)
		}
	}
	if _, _, err := read(`<webSocket enabled="perhaps"/>`); err == nil || !strings.Contains(err.Error(), "enabled") {
		t.Errorf("a value that means nothing: %v", err)
	}
	if _, _, err := read(`<handlers xdt:Transform="Replace"><add xdt:Locator="x"/></handlers>`); err == nil || strings.Count(err.Error(), "transform file") != 1 {
		t.Errorf("a transform file: %v", err)
	}
}
