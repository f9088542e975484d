using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Options;
using DropoutLab.Data.Text;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Commands;

/// <summary>The options of a training of sentences: its files, and what a sentence and a period are.</summary>
internal sealed class SentenceOptions
{
    public const int UsualTokens = 32;
    public const int UsualBatch = 64;
    public const string UsualPooling = "cls";

    private const double UsualTemperature = 0.05;

    private readonly Option<string?> sentences = SharedOptions.Sentences("Train on sentences instead of images", "images");
    private readonly Option<string?> vocabulary = SharedOptions.Vocabulary();
    private readonly Option<string?> sts = CommandOption.Create<string>(
        "--sts", "FILE", "Scored pairs in the STS Benchmark's form: each period's embeddings are evaluated on them", "none",
        CommandOption.Path);

    private readonly Option<string?> pooling = SharedOptions.Pooling(UsualPooling);
    private readonly Option<double?> temperature = CommandOption.Create(
        "--temperature", "X", "What simcse divides similarities by", $"{UsualTemperature}", CommandOption.PositiveNumber);

    private readonly Option<int?> maxTokens = SharedOptions.MaxTokens(UsualTokens);
    private readonly Option<int?> steps = CommandOption.Create(
        "--steps", "N", "Steps on sentences, in place of passes over them, rounded up to whole periods", "those of the epochs",
        CommandOption.WholeNumber(1, 100_000_000));

    private readonly Option<int?> evaluateEvery = CommandOption.Create(
        "--evaluate-every", "N", "Steps of a period, which ends with a line of metrics and a checkpoint", "a tenth of the steps",
        CommandOption.WholeNumber(1, 1_000_000));

    private readonly Option[] all;

    public SentenceOptions(Command command)
    {
        all = [sentences, vocabulary, sts, pooling, temperature, maxTokens, steps, evaluateEvery];
        foreach (Option option in all)
            command.Add(option);
    }

    /// <summary>Whether a run is one on sentences.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="ofImages">The options that are for images alone.</param>
    /// <exception cref="DropoutLabException">An option is given that means nothing to such a run.</exception>
    public bool AreAsked(ParseResult parse, RunConfiguration? saved, IReadOnlyList<Option> ofImages)
    {
        bool areAsked = saved is null ? parse.GetValue(sentences) is not null : saved.Sentences is not null;
        if (!areAsked)
            RefuseWithoutSentences(parse, all);
        else if (FirstGiven(parse, ofImages) is { } other)
            throw new DropoutLabException($"{other.Name} is for images; this is a run on sentences");
        return areAsked;
    }

    /// <summary>Where there are no sentences, options that are for them mean nothing.</summary>
    /// <exception cref="DropoutLabException">One of them is given.</exception>
    public static void RefuseWithoutSentences(ParseResult parse, IEnumerable<Option> ofSentences)
    {
        if (FirstGiven(parse, ofSentences) is { } other)
            throw new DropoutLabException($"{other.Name} is for sentences: add --sentences FILE, one a line");
    }

    /// <summary>An objective of sentences, as it is.</summary>
    /// <exception cref="DropoutLabException">It is none.</exception>
    public static Objective Require(Objective named) => named is SimCse or MaskedTokens
        ? named
        : throw new DropoutLabException(
            $"{named.Name} is no objective of sentences: choose simcse or masked-tokens", SettingName.Objective, named.Name);

    /// <summary>Opens what a run is trained on, and makes its trainer.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="settings">The other options of a training.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="folder">The run's, which gets the vocabulary.</param>
    /// <param name="compute">What computes.</param>
    /// <param name="configuration">The run's.</param>
    public SentenceTraining Open(
        ParseResult parse, TrainSettings settings, RunConfiguration? saved, string folder, Compute compute,
        out RunConfiguration configuration)
    {
        string model = settings.ModelOf(parse, saved);
        EncoderBeginning begun = saved is null
            ? EncoderBeginning.Of(model, parse.GetValue(vocabulary))
            : EncoderBeginning.Of(model, Path.Combine(folder, Vocabulary.FileName));
        SentenceSettings? before = saved?.Sentences;
        SentenceFile file = new(parse.GetValue(sentences) ?? before!.File);
        try
        {
            SentenceSettings asked = new(
                file.Path, parse.GetValue(sts) ?? before?.Sts, before?.Encoder ?? begun.Encoder,
                SentenceSettings.PoolingOf(
                    parse.GetValue(pooling) ?? (before is null ? UsualPooling : SentenceSettings.NameOf(before.Pooling))),
                parse.GetValue(temperature) ?? before?.Temperature ?? UsualTemperature,
                parse.GetValue(maxTokens) ?? before?.MaxTokens ?? UsualTokens, parse.GetValue(steps) ?? before?.Steps ?? 0,
                parse.GetValue(evaluateEvery) ?? before?.EvaluateEvery ?? 0);
            configuration = settings.ConfigureSentences(
                parse, saved, compute, asked, batch => Math.Max(1, (file.Count + batch - 1) / batch));
            SentenceTraining training = new(configuration, file, begun.Vocabulary, begun.Weights, compute.Backend);
            if (saved is null)
                begun.Vocabulary.Write(Directory.CreateDirectory(folder).FullName);
            return training;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Option? FirstGiven(ParseResult parse, IEnumerable<Option> options) =>
        options.FirstOrDefault(option => parse.GetResult(option) is { Implicit: false });
}
