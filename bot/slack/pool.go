package slack

import "sync"

// Limits of the pool.
const (
	maxPerKey  = 200  // jobs that wait under one key
	maxWaiting = 5000 // jobs that wait at all
	maxRunning = 64   // jobs that run at the same time
)

// pool runs jobs of one key one after the other, in the order they came, and jobs of different keys at the same time. A key's goroutine lives
// as long as there is work for it.
type pool struct {
	mu      sync.Mutex
	queues  map[string][]func()
	waiting int
	closed  bool
	running chan struct{}
	wg      sync.WaitGroup
}

func newPool() *pool {
	return &pool{queues: map[string][]func(){}, running: make(chan struct{}, maxRunning)}
}

// put adds a job; false when there is no room or the pool is closed.
func (p *pool) put(key string, job func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, busy := p.queues[key]
	if p.closed || len(q) >= maxPerKey || p.waiting >= maxWaiting {
		return false
	}
	p.queues[key] = append(q, job)
	p.waiting++
	if !busy {
		p.wg.Go(func() { p.work(key) })
	}
	return true
}

// work does the jobs of a key until none is left. A key stays in the map while its goroutine lives.
func (p *pool) work(key string) {
	for {
		p.mu.Lock()
		q := p.queues[key]
		if len(q) == 0 {
			delete(p.queues, key)
			p.mu.Unlock()
			return
		}
		job := q[0]
		q[0] = nil
		p.queues[key] = q[1:]
		p.waiting--
		p.mu.Unlock()
		p.running <- struct{}{}
		job()
		<-p.running
	}
}

// close takes no more jobs and waits for those it has.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.wg.Wait()
}
