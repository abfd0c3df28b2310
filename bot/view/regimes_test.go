package view

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Each regime has a draft with what its notice asks for, addressed to whom the policy names, and a step that tells "the regulator" has the draft
// of the one whose clock runs: the data protection authority's, or where the answer says money laundering alone, that one's.
func TestADraftForEachRegime(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, c := range []struct {
			about []string
			want  string // of the regulator's draft
		}{{[]string{"gdpr"}, "art. 33"}, {[]string{"aml"}, "BCT"}, {nil, "art. 33"}, {[]string{"gdpr", "aml"}, "art. 33"}} {
			tr := newTranscript(t, lang)
			tr.alert("AuditHashChainBroken", 1)
			tr.by(tLucie, incident.AnswerQuestion{Question: "personal_data", Value: incident.AnswerYes, Concerns: c.about})
			src := Source{State: tr.st, Deadlines: incident.Deadlines(tr.st), Zone: tr.zone, Now: tr.now}
			draft := NoticeDraft(src, lang, incident.RoleRegulator)
			if !strings.Contains(draft, c.want) || strings.Contains(draft, "BCT") != (c.want == "BCT") {
				t.Errorf("%s, about %v: the regulator's draft is\n%s", lang, c.about, draft)
			}
			// The day is that of the answer and 72 hours.
			if !strings.Contains(draft, "23 ") || !strings.Contains(draft, "23:50") {
				t.Errorf("%s, about %v: no deadline in\n%s", lang, c.about, draft)
			}
		}
		tr := newTranscript(t, lang)
		tr.alert("AuditHashChainBroken", 1)
		src := Source{State: tr.st, Deadlines: incident.Deadlines(tr.st), Zone: tr.zone, Now: tr.now}
		for name, asks := range map[string][]string{
			"authority": {"(CNIL)", "a) ", "b) ", "c) ", "d) "}, "aml": {"BCT", "CRF"}, "nis2_early": {"2022/2555", "CSIRT"}, "nis2_final": {"2022/2555"},
			"dora_initial": {"2022/2554", "art. 18"}, "sec": {"8-K", "1.05"},
		} {
			draft := src.draft(name).Plain(tr.zone)
			for _, a := range asks {
				if !strings.Contains(draft, a) {
					t.Errorf("%s %s: %q is not in\n%s", lang, name, a, draft)
				}
			}
			if !strings.Contains(draft, "AuditHashChainBroken") || !strings.Contains(draft, "INC-42") || !strings.Contains(draft, "[") {
				t.Errorf("%s %s: not filled, or nothing is marked as missing:\n%s", lang, name, draft)
			}
		}
	}
}
