using System.CommandLine;
using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Cli;
using DropoutLab.Cli.Options;

namespace DropoutLab.Benchmarks.Shapes;

/// <summary>Convolutions of random shapes against the plain sums.</summary>
internal sealed class ShapesCommand : Command
{
    private const int DefaultMinutes = 60;

    private readonly Option<int?> minutes = CommandOption.Create(
        "--minutes", "N", "How long to go on; 0: the first seed alone", $"{DefaultMinutes}",
        CommandOption.WholeNumber(0, 100_000));

    private readonly Option<int?> seed = CommandOption.Create(
        "--seed", "N", "Of the first shape; the next has the next", "by the clock", CommandOption.WholeNumber(0, int.MaxValue));

    private readonly Option<int?> threads = BenchmarkOptions.Threads();

    public ShapesCommand()
        : base("shapes", "Check convolutions of random shapes, in every precision, against plain sums in 64 bits.")
    {
        Add(minutes);
        Add(seed);
        Add(threads);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        TimeSpan length = TimeSpan.FromMinutes(parse.GetValue(minutes) ?? DefaultMinutes);
        int first = parse.GetValue(seed) ?? (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() % int.MaxValue);
        using Backend backend = BenchmarkOptions.OpenBackend(parse.GetValue(threads));
        Precision[] precisions = [.. Enum.GetValues<Precision>().Where(backend.Supports)];
        string names = string.Join(" and ", precisions.Select(precision => precision.ShortName()));
        Console.Out.WriteLine($"{names}, {backend.Description}, from seed {first}");
        long start = Stopwatch.GetTimestamp();
        int count = 0, wrong = 0;
        do
        {
            int own = (int)((first + (long)count++) % int.MaxValue);
            ConvolutionShape shape = ConvolutionShape.Draw(own);
            foreach (string fault in precisions.Select(precision => shape.FaultOf(backend, precision)).OfType<string>())
            {
                wrong++;
                Console.Out.WriteLine($"seed {own}: {fault}");
            }
        }
        while (Stopwatch.GetElapsedTime(start) < length);
        Console.Out.WriteLine($"{count:n0} shapes, {wrong:n0} wrong arrays");
        return wrong == 0 ? ExitCode.Success : ExitCode.Unexpected;
    }
}
