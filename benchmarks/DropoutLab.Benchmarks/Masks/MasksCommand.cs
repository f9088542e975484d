using System.CommandLine;
using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Benchmarks.Measuring;
using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;

namespace DropoutLab.Benchmarks.Masks;

/// <summary>The mask kernels against copying the same memory.</summary>
internal sealed class MasksCommand : Command
{
    private const int DefaultMegabytes = 256;
    private const int DefaultRounds = 15;

    private static readonly double[] DefaultRatios = [0.5, 0.1, 0.0001];
    private static readonly int[] DefaultFeatures = [8192, 1024];
    private static readonly Precision[] DefaultPrecisions = [Precision.Float32, Precision.BFloat16];

    private readonly Option<int?> megabytes = CommandOption.Create(
        "--megabytes", "N", "MiB of the array that is dropped from, and of its product", $"{DefaultMegabytes}",
        CommandOption.WholeNumber(1, 16_384));

    private readonly Option<double[]> ratios = BenchmarkOptions.Several(
        "--ratio", "P", "Probability of dropping a feature", string.Join(' ', DefaultRatios), ReadRatio);

    private readonly Option<int[]> features = BenchmarkOptions.Several(
        "--features", "N", "Elements of a row", string.Join(' ', DefaultFeatures),
        text => CommandOption.WholeNumber(1, 1 << 18)(text)!.Value);

    private readonly Option<Precision[]> precisions = BenchmarkOptions.Precisions("f32 bf16");
    private readonly Option<int?> threads = BenchmarkOptions.Threads();
    private readonly Option<int?> rounds = BenchmarkOptions.Rounds(DefaultRounds);
    private readonly Option<bool> json = BenchmarkOptions.Json();

    public MasksCommand()
        : base("masks", "Measure drawing masks and multiplying with them against copying the memory, on all threads and on one.")
    {
        Add(megabytes);
        Add(ratios);
        Add(features);
        Add(precisions);
        Add(threads);
        Add(rounds);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        int roundCount = parse.GetValue(rounds) ?? DefaultRounds;
        MaskBenchmark benchmark = new(
            (parse.GetValue(megabytes) ?? DefaultMegabytes) * (1L << 20), Given(parse, ratios, DefaultRatios), roundCount);
        using Backend all = BenchmarkOptions.OpenBackend(parse.GetValue(threads));
        using Backend one = BackendCatalog.Create(all.Name, threads: 1, out _);
        TextWriter tables = parse.GetValue(json) ? TextWriter.Null : Console.Out;
        tables.WriteLine(all.Description);

        List<MaskResult> results = [];
        foreach (ThreadTeam team in all.Team.ThreadCount > 1 ? [all.Team, one.Team] : (ThreadTeam[])[one.Team])
        {
            foreach (Precision precision in Given(parse, precisions, DefaultPrecisions))
            {
                foreach (int length in Given(parse, features, DefaultFeatures))
                {
                    IReadOnlyList<MaskResult> measured = benchmark.Run(team, precision, length);
                    WriteTable(measured, tables);
                    results.AddRange(measured);
                }
            }
        }

        if (parse.GetValue(json))
            Console.Out.WriteLine(JsonOutput.Line(new Report<MaskResult>(all, roundCount, results)));
        return ExitCode.Success;
    }

    private static void WriteTable(IReadOnlyList<MaskResult> results, TextWriter output)
    {
        MaskResult first = results[0];
        output.WriteLine();
        string threads = first.Threads == 1 ? "1 thread" : $"{first.Threads} threads";
        output.WriteLine($"{first.Elements:n0} elements of {first.Precision} in rows of {first.Features:n0}, {threads}");
        TextTable table = new("kernel", "ratio", "ns/element", "p10", "p90", "GB/s", "of copying");
        foreach (MaskResult result in results)
        {
            table.Add(
                result.Kernel, $"{result.DropProbability}",
                $"{result.NsPerElement:f3}", $"{result.P10Ns:f3}", $"{result.P90Ns:f3}",
                $"{result.GigabytesPerSecond:f1}", $"{result.SpeedOfCopying:p0}");
        }

        table.Write(output);
    }

    private static T[] Given<T>(ParseResult parse, Option<T[]> option, T[] standard) =>
        parse.GetValue(option) is { Length: > 0 } given ? given : standard;

    private static double ReadRatio(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double ratio)
        ? DropoutRule.Ratio(ratio)
        : throw new DropoutLabException($"'{text}' is no ratio: use a number from 0 up to, but not including, 1");
}
