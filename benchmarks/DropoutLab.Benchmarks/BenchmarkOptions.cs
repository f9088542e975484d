using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Options;

namespace DropoutLab.Benchmarks;

/// <summary>Options that several benchmarks have.</summary>
internal static class BenchmarkOptions
{
    public static Option<int?> Threads() => CommandOption.Create(
        "--threads", "N", "Threads of the team", "all processors", CommandOption.WholeNumber(1, 1024));

    public static Option<int?> Rounds(int standard) => CommandOption.Create(
        "--rounds", "N", "How often everything is measured in turn", $"{standard}", CommandOption.WholeNumber(1, 100_000));

    public static Option<bool> Json() => CommandOption.Flag("--json", "Print one JSON object instead of tables");

    public static Option<Precision[]> Precisions(string standard) =>
        Several("--precision", "f32|bf16", "What to compute in", standard, ReadPrecision);

    /// <summary>An option with one value or more.</summary>
    public static Option<T[]> Several<T>(string name, string value, string description, string standard, Func<string, T> read) =>
        new(name)
        {
            HelpName = value,
            Description = $"{description}, one or several [default: {standard}]",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.Select(token => CommandOption.Read(result, name, token.Value, read)!)],
        };

    /// <summary>The backend that the command picks, with advice to the user on stderr.</summary>
    public static Backend OpenBackend(int? threads)
    {
        Backend backend = BackendCatalog.Create("auto", threads, out string? advice);
        if (advice is not null)
            Console.Error.WriteLine($"benchmarks: {advice}");
        return backend;
    }

    private static Precision ReadPrecision(string text) => text is "f32" or "bf16"
        ? Backends.Precisions.Parse(text)
        : throw new DropoutLabException($"there is no precision '{text}': choose f32 or bf16");
}
