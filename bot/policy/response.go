package policy

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// minPursuit keeps a chain of the response from becoming a siren.
const minPursuit = minRestart

// response reads of whom what the response owes is asked, in turn.
func (r *reader) response(n *yaml.Node, at string, out *incident.Response) {
	r.object(n, at, fields{
		"commander": func(v *yaml.Node, at string) { out.Commander = r.pursuit(v, at) },
		"updates":   func(v *yaml.Node, at string) { out.Updates = r.pursuit(v, at) },
		"hand_over": func(v *yaml.Node, at string) { out.HandOver = r.pursuit(v, at) },
	})
}

func (r *reader) pursuit(n *yaml.Node, at string) incident.Pursuit {
	var p incident.Pursuit
	r.object(n, at, fields{
		"chain": func(v *yaml.Node, at string) { p.Chain = r.names(v, at) },
		"every": r.into(&p.Every),
		"page":  func(v *yaml.Node, at string) { p.Page = r.sevs(v, at) },
	})
	if n.Kind == yaml.MappingNode && len(p.Chain) == 0 && !r.faulted(at) {
		r.fault(n.Line, at+".chain", "no-chain", nil)
	}
	return p
}

// response checks that every chain names somebody, and that a phone rings where one should.
func (f *finder) response() {
	for _, c := range []struct {
		name string
		p    incident.Pursuit
	}{{"commander", f.p.Response.Commander}, {"updates", f.p.Response.Updates}, {"hand_over", f.p.Response.HandOver}} {
		if len(c.p.Chain) == 0 {
			continue
		}
		at := "response." + c.name
		f.named(at, c.p.Chain)
		if c.p.Every != 0 && c.p.Every < minPursuit {
			f.refuse(at+".every", "pursuit-siren", with{"d": written(c.p.Every)})
		}
		rings := slices.ContainsFunc(c.p.Chain, func(k string) bool { return f.p.Targets[k].Address != (incident.Address{}) })
		if len(c.p.Page) > 0 && !rings {
			f.refuse(at+".chain", "pursuit-deaf", with{"line": catalog.Literal("page")})
		}
		if c.name == "commander" && slices.Contains(c.p.Chain, string(incident.Commander)) {
			f.refuse(at+".chain", "chain-itself", nil)
		}
	}
}
