package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// parsed is the default policy, read once as the bot does.
type parsed struct {
	p   *incident.Policy
	src []byte
}

func (k parsed) Current() (*incident.Policy, []byte) { return k.p, k.src }

func (parsed) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

// bench is an engine on a fresh, fsynced embedded store, with n open incidents.
func bench(b *testing.B, n int) (*Engine, []incident.ID) {
	b.Helper()
	c := clock.New()
	store, err := bolt.Open(b.TempDir(), bolt.Options{Clock: c.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	p, src := policy.Default()
	e := New(Options{Store: store, Clock: c, Policies: parsed{&p, src}, Owner: "r1"})
	ids := make([]incident.ID, n)
	for i := range ids {
		out, err := e.Handle(b.Context(), declare(fmt.Sprint("declare", i), fmt.Sprintf("alpha%d beta%d", i, i)))
		if err != nil {
			b.Fatal(err)
		}
		ids[i] = out.Incident
	}
	return e, ids
}

// percentile is the q-quantile of what something took, in milliseconds.
func percentile(took []time.Duration, q float64) float64 {
	s := slices.Sorted(slices.Values(took))
	return float64(s[int(q*float64(len(s)-1))]) / float64(time.Millisecond)
}

// bareCommits are n bbolt transactions of one put each, fsynced: the limit of the medium.
func bareCommits(b *testing.B, n int) []time.Duration {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{InitialMmapSize: 1 << 30, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("b")); return err }); err != nil {
		b.Fatal(err)
	}
	value := bytes.Repeat([]byte{'x'}, 600)
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		err := db.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("b")).Put(binary.BigEndian.AppendUint64(nil, uint64(i)), value)
		})
		if err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	return took
}

// BenchmarkHandle measures one input after the other from Handle to its return, by when it is committed and fsynced, beside bare commits.
//
//	go test ./bot/engine -run - -bench Handle -benchtime 1000x
func BenchmarkHandle(b *testing.B) {
	acts := map[string]func(i int) incident.Act{
		"note": func(i int) incident.Act {
			return incident.Note{Text: incident.Say(fmt.Sprint("seen again ", i), incident.MaxFinding)}
		},
		"progress": func(i int) incident.Act {
			return incident.Progress{Text: incident.Say(fmt.Sprint("narrowed down ", i), 1000)}
		},
	}
	for _, name := range []string{"note", "progress"} {
		b.Run(name, func(b *testing.B) {
			e, ids := bench(b, 20)
			limit := bareCommits(b, 200)
			took := make([]time.Duration, 0, b.N)
			for i := 0; b.Loop(); i++ {
				in := Input{Key: fmt.Sprint("k", i), Actor: sam, Via: incident.ViaSlack, Act: acts[name](i), Route: Route{ID: ids[i%len(ids)]}}
				start := time.Now()
				if _, err := e.Handle(b.Context(), in); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			limit = append(limit, bareCommits(b, 200)...)
			b.ReportMetric(percentile(limit, 0.5), "bare-p50-ms")
			b.ReportMetric(percentile(limit, 0.99), "bare-p99-ms")
			b.ReportMetric(percentile(took, 0.5), "p50-ms")
			b.ReportMetric(percentile(took, 0.99), "p99-ms")
			b.ReportMetric(percentile(took, 0.5)/percentile(limit, 0.5), "p50/bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMessages measures how many messages a second go into the timeline when 32 rooms talk at once, each room in order, as the
// receiver hands them in; beside it the same records with the same keys appended to a fresh store by as many writers.
//
//	go test ./bot/engine -run - -bench Messages -benchtime 5000x
func BenchmarkMessages(b *testing.B) {
	const rooms = 32
	e, ids := bench(b, rooms)
	first := make([]int64, rooms)
	for i, id := range ids {
		s, err := e.State(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		first[i] = s.Seq + 1
	}
	each := (b.N + rooms - 1) / rooms
	b.ResetTimer()
	var wg sync.WaitGroup
	var failed atomic.Value
	for r, id := range ids {
		wg.Go(func() {
			channel := fmt.Sprint("C", r)
			for i := range each {
				ts := fmt.Sprintf("17000000%02d.%06d", r, i)
				_, err := e.Handle(b.Context(), Input{
					Same: []string{"msg/" + channel + "/" + ts}, Actor: sam, Via: incident.ViaSlack, Route: Route{ID: id},
					Act: incident.Message{Message: incident.MessageSeen{Channel: channel, TS: ts, Text: incident.Say("the replica is behind by 40 seconds and growing, I look at the primary", incident.MaxMessage)}},
				})
				if err != nil {
					failed.Store(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if err, ok := failed.Load().(error); ok {
		b.Fatal(err)
	}
	rate := float64(rooms*each) / b.Elapsed().Seconds()

	// The same records, by the same writers, into an empty store.
	logs := make([][]journal.Record, rooms)
	for i, id := range ids {
		for from := int64(1); ; {
			page, err := e.o.Store.Records(b.Context(), journal.Stream(id), from, 1000)
			if err != nil {
				b.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			logs[i] = append(logs[i], page...)
			from = page[len(page)-1].Seq + 1
		}
	}
	store, err := bolt.Open(b.TempDir(), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for i := range logs {
		if _, err := store.Commit(b.Context(), journal.Commit{Append: logs[i][:first[i]-1]}); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now()
	for i := range logs {
		wg.Go(func() {
			for _, rec := range logs[i][first[i]-1:] {
				key := fmt.Sprintf("msg/C%d/17000000%02d.%06d", i, i, rec.Seq)
				c := journal.Commit{
					Expect: journal.Expect{Versions: map[journal.Stream]int64{rec.Stream: rec.Seq - 1}, Absent: []string{key}},
					Append: []journal.Record{rec}, Put: journal.Put{Keys: []journal.Key{{Name: key, Outcome: []byte(`{"incident":"INC-1","first":1,"last":1}`)}}},
				}
				if _, err := store.Commit(b.Context(), c); err != nil {
					failed.Store(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		b.Fatal(err)
	}
	bare := float64(rooms*each) / time.Since(start).Seconds()
	b.ReportMetric(bare, "store-msgs/s")
	b.ReportMetric(rate, "msgs/s")
	b.ReportMetric(rate/bare, "of-store")
	b.ReportMetric(0, "ns/op")
}
