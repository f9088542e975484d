using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Training;

namespace DropoutLab.Cli.Options;

/// <summary>The options that say what computes, and in which precision.</summary>
internal sealed class ComputeOptions
{
    private const string Auto = "auto";
    private const int MostThreads = 1024;

    private readonly Option<string?> precision;
    private readonly Option<string?> backend;
    private readonly Option<int?> threads;

    /// <param name="command">Gets the options.</param>
    /// <param name="ofRun">Whether the defaults are those of a run that is there already.</param>
    public ComputeOptions(Command command, bool ofRun = false)
    {
        const string Run = "the run's";
        precision = CommandOption.Create<string>(
            "--precision", "auto|f32|bf16", "What to compute in; auto: bf16 where the processor multiplies it itself", ofRun ? Run : Auto, ReadPrecision);
        backend = CommandOption.Create<string>(
            "--backend", "auto|onednn|reference", "What to compute with; auto: oneDNN where it is installed", ofRun ? Run : Auto, ReadBackend);
        threads = CommandOption.Create(
            "--threads", "N", "Threads to compute on", ofRun ? Run : "all processors", CommandOption.WholeNumber(1, MostThreads));
        command.Add(precision);
        command.Add(backend);
        command.Add(threads);
    }

    /// <summary>Makes the backend that is asked for, or that a run had, or that is fastest here.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="run">The run to go on with, if there is one.</param>
    public Compute Open(ParseResult parse, RunConfiguration? run = null)
    {
        int threadCount = parse.GetValue(threads) ?? run?.Threads ?? Environment.ProcessorCount;
        Backend chosen = BackendCatalog.Create(parse.GetValue(backend) ?? run?.Backend ?? Auto, threadCount, out string? advice);
        try
        {
            return new Compute(chosen, PrecisionFor(chosen, parse.GetValue(precision) ?? run?.Precision ?? Auto), threadCount, advice);
        }
        catch
        {
            chosen.Dispose();
            throw;
        }
    }

    private static Precision PrecisionFor(Backend backend, string name)
    {
        Precision precision = name == Auto ? backend.PreferredPrecision : Precisions.Parse(name);
        return backend.Supports(precision)
            ? precision
            : throw new DropoutLabException($"--precision {name}: the {backend.Name} backend does not compute in it; use --precision f32, or --backend onednn");
    }

    private static string ReadPrecision(string text) => text is Auto or "f32" or "bf16"
        ? text
        : throw new DropoutLabException($"there is no precision '{text}': choose auto, f32 or bf16");

    private static string ReadBackend(string text) => text is Auto or "onednn" or "reference"
        ? text
        : throw new DropoutLabException($"there is no backend '{text}': choose auto, onednn or reference");
}
