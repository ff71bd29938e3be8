package gateway

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gobwas/ws"
)

// BenchmarkPost measures @connections posts over kept-alive HTTP connections to
// clients that read, all within this one process. Report: posts/s.
func BenchmarkPost(b *testing.B) {
	const clients = 64
	a := start(b)
	for range clients {
		conn := a.connectRaw(b)
		go func() { _, _ = io.Copy(io.Discard, conn) }()
	}
	var ids []string
	a.conns.each(func(c *connection) { ids = append(ids, c.id) })
	message := strings.Repeat("x", 200)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var next atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := ids[int(next.Add(1))%len(ids)]
			response, err := client.Post(a.url+"/prod/@connections/"+id, "application/json", strings.NewReader(message))
			if err != nil || response.StatusCode != http.StatusOK {
				b.Errorf("%v, %v", response, err)
				return
			}
			response.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

// BenchmarkSend measures what a post costs beyond its HTTP request.
func BenchmarkSend(b *testing.B) {
	a := start(b)
	conn := a.connectRaw(b)
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	c, message := a.onlyConnection(b), []byte(strings.Repeat("x", 200))
	b.ReportAllocs()
	for b.Loop() {
		for c.send(message) != nil {
			runtime.Gosched() // the buffer is full: let the writer go on
		}
	}
}

// BenchmarkIdleConnection measures the memory that an idle connection holds in
// the gateway's process: heap and stacks, the client's end taken off. It makes
// one connection an iteration: run it with -benchtime 5000x or so.
func BenchmarkIdleConnection(b *testing.B) {
	a := start(b)
	target := strings.TrimPrefix(a.url, "http://")
	conns, answer := make([]net.Conn, 0, b.N), make([]byte, len(accept("", "")))
	before := inUse()
	for b.Loop() {
		conn, err := net.Dial("tcp", target)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Write([]byte(rawHandshake)); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn)
	}
	open := inUse()
	a.conns.each(func(c *connection) { c.shut(goingAway) })
	for _, conn := range conns {
		_, _ = conn.Write(ws.MustCompileFrame(ws.MaskFrame(ws.NewCloseFrame(nil))))
		conn.Close()
	}
	b.ReportMetric(float64(open-before)/float64(len(conns)), "B/conn")
	b.ReportMetric(0, "ns/op")
}

// inUse returns the bytes of heap and stacks that are in use after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
