using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>
/// The options that a run's result depends on. Each is what the user gives, else what the run has that is gone on with, else the
/// model's default.
/// </summary>
internal sealed class TrainSettings
{
    private const string DefaultDataset = "cifar10";

    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<string?> dataset = SharedOptions.Dataset("The images", DefaultDataset);
    private readonly Option<DropoutRule?> dropout = SharedOptions.Dropout();
    private readonly Option<string?> dropoutAt = SharedOptions.DropoutSites();
    private readonly Option<MaskSharing?> maskSharing = SharedOptions.MaskSharing();
    private readonly Option<int?> epochs = CommandOption.Create(
        "--epochs", "N", "Passes over the training set", DefaultOf(options => options.Epochs), CommandOption.WholeNumber(1, 1_000_000));

    private readonly Option<int?> batchSize = SharedOptions.BatchSize(DefaultOf(options => options.BatchSize));

    private readonly Option<double?> learningRate = CommandOption.Create(
        "--learning-rate", "X", "Of the first four fifths of the steps; a tenth of it for the rest",
        DefaultOf(options => options.LearningRate), CommandOption.PositiveNumber);

    private readonly Option<ulong?> seed = SharedOptions.Seed();

    public TrainSettings(Command command)
    {
        foreach (Option option in new Option[] { model, dataset, dropout, dropoutAt, maskSharing, epochs, batchSize, learningRate, seed })
            command.Add(option);
    }

    /// <summary>Where a run with these settings goes if the user does not say.</summary>
    public string DefaultFolder(ParseResult parse)
    {
        string rule = (parse.GetValue(dropout) ?? DropoutRule.None).ToString().Replace(':', '-').Replace('/', '-');
        return Path.Combine("runs", $"{ModelOf(parse, null)}-{DatasetOf(parse, null)}-{rule}-s{SeedOf(parse, null)}");
    }

    /// <summary>The whole configuration.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="compute">What computes.</param>
    public RunConfiguration Configure(ParseResult parse, RunConfiguration? saved, Compute compute)
    {
        TrainingOptions defaults = ModelRecipe.Find(ModelOf(parse, saved)).Defaults;
        return new RunConfiguration
        {
            Model = ModelOf(parse, saved),
            Dataset = DatasetOf(parse, saved),
            Dropout = parse.GetValue(dropout)?.ToString() ?? saved?.Dropout ?? DropoutRule.None.ToString(),
            DropoutAt = parse.GetValue(dropoutAt) ?? saved?.DropoutAt ?? SharedOptions.DefaultSites,
            MaskSharing = parse.GetValue(maskSharing)?.ToString() ?? saved?.MaskSharing ?? MaskSharing.PerDatum.ToString(),
            Epochs = parse.GetValue(epochs) ?? saved?.Epochs ?? defaults.Epochs,
            BatchSize = parse.GetValue(batchSize) ?? saved?.BatchSize ?? defaults.BatchSize,
            LearningRate = parse.GetValue(learningRate) ?? saved?.LearningRate ?? defaults.LearningRate,
            Momentum = saved?.Momentum ?? defaults.Momentum,
            WeightDecay = saved?.WeightDecay ?? defaults.WeightDecay,
            Seed = SeedOf(parse, saved),
            Precision = compute.Precision.ShortName(),
            Backend = compute.Backend.Name,
            Threads = compute.Threads,
            Environment = RunEnvironment.Describe(compute.Backend),
        };
    }

    private string ModelOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(model) ?? saved?.Model ?? SharedOptions.DefaultModel;

    private string DatasetOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(dataset) ?? saved?.Dataset ?? DefaultDataset;

    private ulong SeedOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(seed) ?? saved?.Seed ?? SharedOptions.DefaultSeed;

    /// <summary>A default that is the same for all models, or each model's own.</summary>
    private static string DefaultOf<T>(Func<TrainingOptions, T> value)
    {
        List<IGrouping<T, ModelRecipe>> groups = ModelRecipe.All.GroupBy(recipe => value(recipe.Defaults)).ToList();
        return groups is [var only]
            ? $"{only.Key}"
            : string.Join(", ", groups.Select(group => $"{group.Key} for {string.Join(" and ", group.Select(recipe => recipe.Name))}"));
    }
}
