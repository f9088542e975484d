using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Tests.Backends;

/// <summary>Which works take data through together, what they keep of what only they see, and in which order.</summary>
public sealed class DatumKernelTests
{
    private const int Batch = 11;
    private const int RowBytes = 64;

    private readonly PlanBuffer a = NewBuffer("a"), b = NewBuffer("b"), c = NewBuffer("c"), sum = new(4, "sum");

    [Fact]
    public void NeighboursAreJoinedUnlessOneReadsASumOfTheOther()
    {
        using ManagedThreadTeam team = new(2);
        Work first = new([a, b], [sum]), reader = new([b, c], []) { AlsoReads = [sum] }, other = new([c], []);

        Assert.Equal(["first; other", "reader"], Joined(team, ("first", first), ("other", other), ("reader", reader)));
        Assert.Equal(["first", "reader; other"], Joined(team, ("first", first), ("reader", reader), ("other", other)));
    }

    [Fact]
    public void OnlyWhatNobodyElseSeesIsKeptForTheDataInWork()
    {
        using ManagedThreadTeam team = new(2);
        PlanBuffer output = NewBuffer("output"), shared = NewBuffer("shared"), whole = NewBuffer("whole");
        output.IsPersistent = true;
        DatumKernel inside = new(
            team, Batch, [new Work([a, b, output, shared, whole], []) { AtOnce = 3 }, new Work([b], []) { AlsoReads = [whole] }]);
        DatumKernel.KeepWindows([inside, new DatumKernel(team, Batch, [new Work([shared], [])])]);

        Assert.Equal([3 * 2 * RowBytes, 3 * 2 * RowBytes, Batch * RowBytes, Batch * RowBytes, Batch * RowBytes],
            new[] { a, b, output, shared, whole }.Select(buffer => buffer.ByteSize));
        a.Address = 1000;
        shared.Address = 5000;
        Assert.Equal((1000 + (nint)(3 * RowBytes) + RowBytes, 5000 + (nint)(7 * RowBytes)),
            (a.Row(7, 6, 1, RowBytes), shared.Row(7, 6, 1, RowBytes)));
    }

    [Fact]
    public void WhatManyThreadsHaveInWorkTakesNoMoreThanAllData()
    {
        using ManagedThreadTeam team = new(16);
        DatumKernel.KeepWindows([new DatumKernel(team, Batch, [new Work([a], []) { AtOnce = 4 }])]);

        Assert.Equal(Batch * RowBytes, a.ByteSize);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void EveryDatumGoesThroughAllWorksAFewAtATime(int threads)
    {
        using ManagedThreadTeam team = new(threads);
        List<string> log = [];
        DatumKernel kernel = new(
            team, Batch, [new Work([a], []) { Log = log, Name = "x", AtOnce = 4 }, new Work([a], []) { Log = log, Name = "y" }]);
        kernel.Run();

        string[] parts = [.. log.Where(line => line is not ("x begins" or "y begins" or "x ends" or "y ends"))];
        Assert.Equal(["x begins", "y begins"], log.Take(2));
        Assert.Equal(["x ends", "y ends"], log.TakeLast(2));
        foreach (string name in (string[])["x", "y"])
        {
            int[] data = [.. parts.Where(part => part[0] == name[0]).SelectMany(Data).Order()];
            Assert.Equal(Enumerable.Range(0, Batch), data);
        }

        foreach (IGrouping<string, string> share in parts.GroupBy(part => part.Split(' ')[1]))
        {
            string[] ofShare = [.. share];
            Assert.All(ofShare.Where((_, i) => i % 2 == 0), part => Assert.StartsWith("x", part, StringComparison.Ordinal));
            Assert.Equal(ofShare.Where((_, i) => i % 2 == 0).Select(part => part[1..]),
                ofShare.Where((_, i) => i % 2 == 1).Select(part => part[1..]));
            Assert.All(ofShare, part => Assert.InRange(Data(part).Count(), 1, 4));
        }

        static IEnumerable<int> Data(string part)
        {
            int[] ends =
                [.. part.Split(' ')[2..].Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
            return Enumerable.Range(ends[0], ends[1] - ends[0]);
        }
    }

    private static PlanBuffer NewBuffer(string label) => new(Batch * RowBytes, label);

    private static string[] Joined(ThreadTeam team, params (string Name, Work Work)[] works)
    {
        foreach ((string name, Work work) in works)
            work.Name = name;
        return [.. DatumKernel.Joined(works.Select(work => new DatumKernel(team, Batch, [work.Work])))
            .Select(kernel => kernel.ToString()!)];
    }

    private sealed class Work(PlanBuffer[] rows, PlanBuffer[] sums) : DatumWork
    {
        public string Name { get; set; } = "";

        public PlanBuffer[] AlsoReads { get; init; } = [];

        public List<string>? Log { get; init; }

        public override IEnumerable<PlanBuffer> Buffers => [.. rows, .. sums, .. AlsoReads];

        public override IEnumerable<PlanBuffer> Rows => rows.Except(AlsoReads);

        public override IEnumerable<PlanBuffer> Sums => sums;

        public int AtOnce { get; init; } = 1;

        public override int DataAtOnce => AtOnce;

        public override void Begin() => Add($"{Name} begins");

        public override void Run(int share, int begin, int end) => Add($"{Name} {share} {begin} {end}");

        public override void End() => Add($"{Name} ends");

        public override string ToString() => Name;

        private void Add(string line)
        {
            if (Log is null)
                return;
            lock (Log)
                Log.Add(line);
        }
    }
}
