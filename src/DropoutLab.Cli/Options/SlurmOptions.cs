using System.CommandLine;
using DropoutLab.Experiments.Slurm;

namespace DropoutLab.Cli.Options;

/// <summary>The options of a sweep that Slurm's nodes train.</summary>
internal sealed class SlurmOptions
{
    private const int Most = 1_000_000;

    private readonly Option<bool> submit = CommandOption.Flag(
        "--slurm", "Submit the runs that are missing to Slurm, as a job array, and train nothing here");

    private readonly Option<bool> script = CommandOption.Flag(
        "--slurm-script", "Write that array's script to standard output, for sbatch, and submit nothing");

    private readonly Option<string?> partition = CommandOption.Create<string>(
        "--partition", "P", "With --slurm, which of its partitions", "Slurm's", Word);

    private readonly Option<string?> time = CommandOption.Create<string>(
        "--time", "T", "With --slurm, a task's longest time, as in 4:00:00; a run that takes longer goes on in the next",
        "the partition's", Word);

    private readonly Option<int?> processors = CommandOption.Create(
        "--cpus", "N", "With --slurm, processors of a task", "threads of a run", CommandOption.WholeNumber(1, 1024));

    private readonly Option<int?> atOnce = CommandOption.Create(
        "--array-limit", "N", "With --slurm, runs at a time, at most", "none", CommandOption.WholeNumber(1, Most));

    /// <param name="command">Gets the options.</param>
    public SlurmOptions(Command command)
    {
        foreach (Option option in (Option[])[submit, .. OfTasks, script])
            command.Add(option);
    }

    private Option[] OfTasks => [partition, time, processors, atOnce];

    /// <summary>Whether the runs are for Slurm.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="others">What means something only for runs on this machine.</param>
    /// <exception cref="DropoutLabException">Options do not go together.</exception>
    public bool AreAsked(ParseResult parse, params IReadOnlyList<Option> others)
    {
        bool isAsked = parse.GetValue(submit) || parse.GetValue(script);
        if (!isAsked && OfTasks.FirstOrDefault(IsGiven) is { } stray)
            throw new DropoutLabException($"{stray.Name} is Slurm's: give --slurm too, or --slurm-script");
        return isAsked && others.FirstOrDefault(IsGiven) is { } other
            ? throw new DropoutLabException(
                $"{other.Name} is of runs on this machine: leave it out, or --slurm"
                + (other.Name == "--jobs" ? " (which has --array-limit instead)" : ""))
            : isAsked;

        bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };
    }

    /// <summary>Whether a script is all that is wanted.</summary>
    public bool IsScript(ParseResult parse) => parse.GetValue(script);

    /// <summary>Processors that are asked for, or null.</summary>
    public int? Processors(ParseResult parse) => parse.GetValue(processors);

    /// <param name="parse">The command line.</param>
    /// <param name="threads">Of the run that has the most.</param>
    /// <exception cref="DropoutLabException">A task would have fewer processors than its run has threads.</exception>
    public SlurmRequest Request(ParseResult parse, int threads) => parse.GetValue(processors) is { } given && given < threads
        ? throw new DropoutLabException(
            $"--cpus: {given} processors are fewer than the {threads} threads of a run, which would wait for each other; "
                + $"give {threads} or more")
        : new SlurmRequest(
            parse.GetValue(processors) ?? threads, Directory.GetCurrentDirectory(), parse.GetValue(partition),
            parse.GetValue(time), parse.GetValue(atOnce));

    private static string Word(string text) => text.Length > 0 && !text.Any(letter => char.IsWhiteSpace(letter) || letter < ' ')
        ? text
        : throw new DropoutLabException($"'{text.ReplaceLineEndings(" ")}' is not one word");
}
