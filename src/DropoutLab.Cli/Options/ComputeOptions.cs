using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Options;

/// <summary>The options that say what computes, and in which precision.</summary>
internal sealed class ComputeOptions
{
    /// <summary>What is fastest here.</summary>
    public const string Auto = "auto";

    private const int MostThreads = 1024;

    private readonly PrecisionChoice precisions;
    private readonly Option<string?> precision;
    private readonly Option<string?> backend;
    private readonly Option<int?> threads;

    /// <param name="command">Gets the options.</param>
    /// <param name="ofRun">Whether the defaults are those of a run that is there already.</param>
    /// <param name="precisions">The precisions on offer; <see cref="PrecisionChoice.Fastest"/> if left out.</param>
    public ComputeOptions(Command command, bool ofRun = false, PrecisionChoice? precisions = null)
    {
        const string Run = "the run's";
        this.precisions = precisions ?? PrecisionChoice.Fastest;
        precision = CommandOption.Create<string>(
            "--precision", this.precisions.Names, this.precisions.Description, ofRun ? Run : this.precisions.Default,
            this.precisions.Read);
        backend = CommandOption.Create<string>(
            "--backend", "auto|onednn|reference", "What to compute with; auto: oneDNN where it is installed", ofRun ? Run : Auto,
            ReadBackend);
        threads = CommandOption.Create(
            "--threads", "N", "Threads to compute on", ofRun ? Run : "all processors", CommandOption.WholeNumber(1, MostThreads));
        command.Add(precision);
        command.Add(backend);
        command.Add(threads);
    }

    /// <summary>Makes the backend that is asked for, or that a run had, or that is fastest here.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="run">The run to go on with, if there is one.</param>
    public Compute Open(ParseResult parse, RunConfiguration? run = null) =>
        Open(parse, run?.Precision, run?.Backend, run?.Threads);

    /// <summary>
    /// The same for sentences, of which bfloat16 products are written for no processor yet: what is fastest is f32 on all.
    /// </summary>
    /// <param name="parse">The command line.</param>
    /// <param name="run">The run to go on with, if there is one.</param>
    public Compute OpenForSentences(ParseResult parse, RunConfiguration? run = null) =>
        Open(parse, run?.Precision ?? Precision.Float32, run?.Backend, run?.Threads);

    /// <summary>Makes the backend that is asked for, or that something was computed with, or that is fastest here.</summary>
    public Compute Open(ParseResult parse, Precision? precisionThen, string? backendThen, int? threadsThen)
    {
        int threadCount = parse.GetValue(threads) ?? threadsThen ?? Environment.ProcessorCount;
        Precision? asked = parse.GetValue(precision) is { } name
            ? PrecisionOf(name)
            : precisionThen ?? PrecisionOf(precisions.Default);
        string backendName = parse.GetValue(backend) ?? backendThen ?? Auto;
        if (backendName == Auto && asked == Precision.Float64)
            backendName = "reference";
        Backend chosen = BackendCatalog.Create(backendName, threadCount, out string? advice);
        try
        {
            return new Compute(chosen, PrecisionFor(chosen, asked ?? chosen.PreferredPrecision), advice);
        }
        catch
        {
            chosen.Dispose();
            throw;
        }
    }

    /// <summary>Null for auto.</summary>
    private static Precision? PrecisionOf(string name) => name == Auto ? null : Precisions.Parse(name);

    private static Precision PrecisionFor(Backend backend, Precision precision) => backend.Supports(precision)
        ? precision
        : throw new DropoutLabException(
            $"the {backend.Name} backend does not compute in {precision.ShortName()}; use --precision f32, or --backend "
            + (precision == Precision.Float64 ? "reference" : "onednn"),
            SettingName.Precision, precision.ShortName());

    private static string ReadBackend(string text) => text is Auto or "onednn" or "reference"
        ? text
        : throw new DropoutLabException($"there is no backend '{text}': choose auto, onednn or reference");
}
