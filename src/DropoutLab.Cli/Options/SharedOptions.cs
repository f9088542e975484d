using System.CommandLine;
using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Options;

/// <summary>Options that mean the same in several commands.</summary>
internal static class SharedOptions
{
    public const string DefaultModel = "convnet-quick";

    public const ulong DefaultSeed = 1;

    public const string DefaultSites = "all";

    public const string MaskSharings = "per-datum|per-minibatch|channel|shape:E,E,…";

    public static Option<string?> Model() => CommandOption.Create<string>(
        "--model", string.Join('|', ModelRecipe.All.Select(recipe => recipe.Name)), "The network", DefaultModel, text => ModelRecipe.Find(text).Name);

    public static Option<string?> DataDirectory() => CommandOption.Create<string>(
        "--data-dir", "DIR", "Where data sets lie, and where they are downloaded to",
        $"${DropoutLab.Data.DataDirectory.EnvironmentVariable}, else the user's cache", CommandOption.Path);

    public static Option<int?> BatchSize(string standard) => CommandOption.Create(
        "--batch-size", "N", "Images of a training step", standard, CommandOption.WholeNumber(1, 65_536));

    public static Option<string?> DropoutAt() => CommandOption.Create<string>(
        "--dropout-at", "all|SITE,SITE,…", "Names of the weight layers whose inputs are dropped; all: all but what reads the images",
        DefaultSites, text => DropoutSettings.ParseSites(text) is { } sites ? string.Join(',', sites) : DefaultSites);

    public static Option<ulong?> Seed() => CommandOption.Create(
        "--seed", "N", "What initial weights, the order of the data and the masks derive from", $"{DefaultSeed}", CommandOption.Seed);
}
