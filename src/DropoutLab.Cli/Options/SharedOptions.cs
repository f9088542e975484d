using System.CommandLine;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Options;

/// <summary>Options that mean the same in several commands.</summary>
internal static class SharedOptions
{
    public const string DefaultModel = "convnet-quick";

    public const ulong DefaultSeed = 1;

    public const string MaskSharings = "per-datum|pair|per-minibatch|channel|shape:E,E,…";

    /// <summary>What an option is called that gives a run's setting.</summary>
    /// <param name="setting">One of the <see cref="SettingName"/>s.</param>
    public static string NameOf(string setting) => setting switch
    {
        SettingName.Augmentation => "--augment",
        SettingName.MaximumGradientNorm => "--gradient-norm",
        _ => $"--{setting.Replace('_', '-')}",
    };

    public static Option<string?> Model() => CommandOption.Create<string>(
        "--model", string.Join('|', ModelRecipe.All.Select(recipe => recipe.Name)), "The network", DefaultModel,
        text => ModelRecipe.Find(text).Name);

    /// <summary>The network, or an encoder of sentences: a size's name, or a folder.</summary>
    public static Option<string?> ModelOrEncoder() => CommandOption.Create<string>(
        "--model", string.Join('|', [.. ModelRecipe.All.Select(recipe => recipe.Name), .. Bert.Sizes.Keys, "DIR"]),
        "The network; of sentences an encoder of that size, a pretrained one's folder, or that of a run on sentences",
        DefaultModel, text => Bert.Sizes.ContainsKey(text) || Directory.Exists(text) ? text : ModelRecipe.Find(text).Name);

    public static Option<string?> Sentences(string what, string standard) => CommandOption.Create<string>(
        "--sentences", "FILE", $"{what}, one a line", standard, CommandOption.Path);

    public static Option<string?> Vocabulary() => CommandOption.Create<string>(
        "--vocabulary", "FILE", "BERT's vocab.txt, which cuts sentences into tokens", "the pretrained encoder's",
        CommandOption.Path);

    public static Option<string?> Pooling(string standard) => CommandOption.Create<string>(
        "--pooling", "cls|mean", "What stands for a sentence: its first token, or the mean over all", standard,
        text => SentenceSettings.NameOf(SentenceSettings.PoolingOf(text)));

    public static Option<int?> MaxTokens(int standard) => CommandOption.Create(
        "--max-tokens", "N", "The tokens of the longest sentence; what is longer is cut", $"{standard}",
        CommandOption.WholeNumber(3, 4096));

    /// <summary>The data set, by the name that <see cref="DatasetCatalog"/> knows it by.</summary>
    public static Option<string?> Dataset(string images, string standard) => CommandOption.Create<string>(
        "--dataset", PublishedNames, $"{images}; downloaded if not at hand", standard, text => DatasetCatalog.Find(text).Name);

    /// <summary>The data set, or one of one's own.</summary>
    public static Option<string?> DatasetOrOwn(string standard) => CommandOption.Create<string>(
        "--dataset", $"{PublishedNames}|folder:DIR|table:FILE",
        "The data, downloaded if not at hand; or pictures, DIR/train/CLASS/*.png and DIR/test/CLASS/*.png (or .jpg); or the rows "
            + "of a CSV file, of which a fifth is tested on, or of a folder's train.csv and test.csv",
        standard, DataChoice.FullName);

    private static string PublishedNames => string.Join('|', DatasetCatalog.Sources.Select(source => source.Name));

    public static Option<DropoutRule?> Dropout() => CommandOption.Create<DropoutRule>(
        "--dropout", "RULE",
        "Which passes drop features, with which probability from 0 up to, but not including, 1: none, standard:P, forward:P, "
            + "backward:P, augmented:P/Q or augmented-independent:P/Q; P..P@N changes it over N steps, P,P@N at step N",
            $"{DropoutRule.None}", DropoutRule.Parse);

    public static Option<SiteSelection?> DropoutSites(string? standard = null, bool withRatios = true) =>
        CommandOption.Create<SiteSelection>("--dropout-at", withRatios ? "all|SITE,SITE=P,…" : "all|SITE,SITE,…",
        "Names of the weight layers whose inputs are dropped, * standing for any characters"
            + (withRatios ? ", with the probability P where it is not the rule's" : "") + "; all: all but what reads the images",
        standard ?? $"{SiteSelection.All}", SiteSelection.Parse);

    public static Option<MaskSharing?> MaskSharing() => CommandOption.Create<MaskSharing>(
        "--mask-sharing", MaskSharings,
        "What shares one draw: nothing, data 2i and 2i + 1 (a sentence's two views), the data of a step, a channel of an image, "
            + "or the axes of a layer's input with E = 1 (batch first; else E is * or the axis's length), as in shape:*,1,1,*",
        $"{DropoutLab.Dropout.MaskSharing.PerDatum}", DropoutLab.Dropout.MaskSharing.Parse);

    public static Option<string?> DataDirectory() => CommandOption.Create<string>(
        "--data-dir", "DIR", "Where data sets lie, and where they are downloaded to",
        $"${DropoutLab.Data.DataDirectory.EnvironmentVariable}, else the user's cache", CommandOption.Path);

    public static Option<int?> BatchSize(string standard) => CommandOption.Create(
        "--batch-size", "N", "Images of a training step", standard, CommandOption.WholeNumber(1, 65_536));

    public static Option<ulong?> Seed(
        string description = "What initial weights, the order of the data and the masks derive from") =>
        CommandOption.Create("--seed", "N", description, $"{DefaultSeed}", CommandOption.Seed);
}
