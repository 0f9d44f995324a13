package main

import (
	"errors"
	"fmt"
	"strings"

	"ancmbench"

	"ancmbench/reports/gate"
)

// gatedMetrics turns the words of --metric into metrics with the margin.
func gatedMetrics(words []string, margin float64, faults *[]error) []gate.GatedMetric {
	if len(words) == 0 {
		metrics := gate.DefaultMetrics()
		for i := range metrics {
			if !metrics[i].Advisory && margin > 0 {
				metrics[i].Margin = margin
			}
		}
		return metrics
	}
	var metrics []gate.GatedMetric
	for _, word := range words {
		m, known := ancmbench.MetricByWord(word)
		if !known {
			*faults = append(*faults, fmt.Errorf("--metric %s: no such metric; the short names are %s", word, strings.Join(ancmbench.MetricWords(), ", ")))
			continue
		}
		metrics = append(metrics, gate.GatedMetric{Name: m.Name, Margin: margin})
	}
	return metrics
}

func parseShare(s string) (float64, error) {
	text, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := finite(text)
	if err != nil || !percent || v <= 0 || v >= 100 {
		return 0, errors.New("want a share above 0 % and below 100 %, as 5%")
	}
	return v / 100, nil
}
