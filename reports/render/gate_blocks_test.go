package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// A budget has no other side: its row stands under columns of its own, on the screen
// and in Markdown.
func TestBudgetsHaveTheirOwnColumns(t *testing.T) {
	v := judged(t, gate.Gate{Budgets: budgets(t, "head p50 <= 1ms")}, example.GateRun(nil), nil)
	var screen, md bytes.Buffer
	if err := GateText(&screen, v, page.Options{Width: 120}); err != nil {
		t.Fatal(err)
	}
	if err := GateMarkdown(&md, v); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"screen": screen.String(), "Markdown": md.String()} {
		head, below, found := strings.Cut(text, "of the budget")
		if !found || !strings.Contains(below, "head p50 <= 1ms") && !strings.Contains(below, `head p50 &lt;= 1ms`) && !strings.Contains(below, `head p50 \<= 1ms`) {
			t.Errorf("%s: no columns for the budget:\n%s", name, text)
			continue
		}
		if !strings.Contains(head, "response p50") || strings.Contains(below, "response p50") || strings.Contains(below, "margin |") {
			t.Errorf("%s: what is compared and what has a budget are not apart:\n%s", name, text)
		}
	}
	if one := judged(t, gate.Gate{}, example.GateRun(nil), nil).Blocks(); len(one) != 1 {
		t.Errorf("without budgets there are %d blocks", len(one))
	}
}
