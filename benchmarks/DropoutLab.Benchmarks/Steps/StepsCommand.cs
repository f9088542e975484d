using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Benchmarks.Measuring;
using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Models;
using DropoutLab.Recipes;

namespace DropoutLab.Benchmarks.Steps;

/// <summary>The training step of a network by precision and dropout rule.</summary>
internal sealed class StepsCommand : Command
{
    private const int DefaultRounds = 20;
    private const int DefaultSteps = 10;

    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<int?> batch = CommandOption.Create(
        "--batch", "N", "Images of a step", "the model's recipe's", CommandOption.WholeNumber(1, 65_536));

    private readonly Option<Precision[]> precisions =
        BenchmarkOptions.Precisions("f32, and bf16 where the processor has AMX");

    private readonly Option<int?> threads = BenchmarkOptions.Threads();
    private readonly Option<int?> rounds = BenchmarkOptions.Rounds(DefaultRounds);
    private readonly Option<int?> steps = CommandOption.Create(
        "--steps", "N", "Steps of a block: what each rule runs when it is its turn", $"{DefaultSteps}",
        CommandOption.WholeNumber(1, 100_000));

    private readonly Option<bool> json = BenchmarkOptions.Json();

    public StepsCommand()
        : base("steps", "Measure training steps by precision and dropout rule, all in turn.")
    {
        Add(model);
        Add(batch);
        Add(precisions);
        Add(threads);
        Add(rounds);
        Add(steps);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        int roundCount = parse.GetValue(rounds) ?? DefaultRounds;
        int blockSteps = parse.GetValue(steps) ?? DefaultSteps;
        using Backend backend = BenchmarkOptions.OpenBackend(parse.GetValue(threads));
        Precision[] compared = parse.GetValue(precisions) is { Length: > 0 } given ? given : NativePrecisions(backend);
        ModelRecipe recipe = ModelRecipe.Find(parse.GetValue(model) ?? SharedOptions.DefaultModel);
        using StepComparison comparison = new(
            recipe.Create(new ImageShape(32, 32, 3), 10), backend, compared,
            parse.GetValue(batch) ?? recipe.Default.Options.BatchSize);
        IReadOnlyList<StepResult> results = comparison.Run(roundCount, blockSteps);
        if (parse.GetValue(json))
            Console.Out.WriteLine(JsonOutput.Line(new Report<StepResult>(backend, roundCount, results)));
        else
            WriteTable(results, backend, $"{roundCount} rounds of {blockSteps} steps", Console.Out);
        return ExitCode.Success;
    }

    private static Precision[] NativePrecisions(Backend backend) =>
        [.. new[] { Precision.Float32, backend.PreferredPrecision }.Distinct()];

    private static void WriteTable(IReadOnlyList<StepResult> results, Backend backend, string length, TextWriter output)
    {
        output.WriteLine($"{results[0].Model}, batches of {results[0].BatchSize} images, {length}, {backend.Description}");
        output.WriteLine();
        TextTable table = new(
            "dropout", "precision", "ms a step", "p10", "p90", "images/s", "to none", "p10–p90", "to standard", "p10–p90",
            "bytes allocated");
        foreach (StepResult result in results)
        {
            table.Add(
                result.MaskSharing == "per-datum" ? result.Dropout : $"{result.Dropout} {result.MaskSharing}", result.Precision,
                $"{result.MedianMs:f2}", $"{result.P10Ms:f2}", $"{result.P90Ms:f2}", $"{result.ImagesPerSecond:n0}",
                $"{result.ToNone.Median:f3}", Range(result.ToNone), $"{result.ToStandard.Median:f3}", Range(result.ToStandard),
                $"{result.AllocatedBytesPerStep:n0}");
        }

        table.Write(output);
    }

    private static string Range(Spread ratio) => $"{ratio.P10:f3}–{ratio.P90:f3}";
}
