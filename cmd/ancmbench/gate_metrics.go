package main

import (
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
