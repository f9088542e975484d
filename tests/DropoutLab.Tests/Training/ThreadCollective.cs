using System.Numerics;
using System.Numerics.Tensors;
using DropoutLab.Collectives;

namespace DropoutLab.Tests.Training;

/// <summary>Threads of one process in the place of processes. One that fails fails the others, which wait for it.</summary>
internal sealed class ThreadCollective : ICollective
{
    private readonly Meeting meeting;

    private ThreadCollective(Meeting meeting, int rank) => (this.meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => meeting.Brought.Length;

    /// <summary>What each of some threads makes of its collective; the first one's exception where any has one.</summary>
    public static T[] Run<T>(int size, Func<ICollective, T> body)
    {
        Meeting meeting = new(size);
        T[] results = new T[size];
        Exception?[] failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = body(new ThreadCollective(meeting, rank));
            }
            catch (Exception exception)
            {
                failures[rank] = exception;
                meeting.GiveUp.Cancel();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.OfType<Exception>().OrderBy(failure => failure is OperationCanceledException).FirstOrDefault() is { } first)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        return results;
    }

    public void Sum(Span<float> numbers) => Add(numbers);

    public void Sum(Span<double> numbers) => Add(numbers);

    public void Broadcast(Span<byte> bytes) => Exchange(bytes, (all, own) => all[0].CopyTo(own, 0));

    private void Add<T>(Span<T> numbers)
        where T : INumber<T> => Exchange(numbers, (all, own) =>
        {
            Array.Clear(own);
            foreach (T[] other in all)
                TensorPrimitives.Add(own, other, own);
        });

    private void Exchange<T>(Span<T> numbers, Action<T[][], T[]> take)
    {
        T[] own = numbers.ToArray();
        meeting.Brought[Rank] = numbers.ToArray();
        meeting.Await();
        T[][] all = [.. meeting.Brought.Cast<T[]>()];
        Assert.All(all, other => Assert.Equal(own.Length, other.Length));
        take(all, own);
        meeting.Await();
        own.CopyTo(numbers);
    }

    private sealed class Meeting(int size)
    {
        private readonly Barrier barrier = new(size);

        public Array[] Brought { get; } = new Array[size];

        public CancellationTokenSource GiveUp { get; } = new();

        public void Await() => barrier.SignalAndWait(GiveUp.Token);
    }
}
