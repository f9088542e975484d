using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Recipes;

namespace DropoutLab.Runs;

/// <summary>A run's data, as its network takes them.</summary>
/// <param name="Training">What is trained on, and what is evaluated after each epoch.</param>
/// <param name="Test">The test set: what is evaluated after each epoch too, unless a part of the training set is.</param>
public sealed record RunData(TrainingData Training, BatchSource Test)
{
    /// <summary>Reads a run's data, and downloads them before where they are not at hand. Blocks until then.</summary>
    /// <param name="configuration">Which.</param>
    /// <param name="dataDirectory">The folder that the user named, or null (see <see cref="DataDirectory"/>).</param>
    /// <param name="progress">Is told how far each file's download is.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="DropoutLabException">They are damaged, not to be had, or not such as the run takes.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RunData Load(
        RunConfiguration configuration, string? dataDirectory, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (configuration.DataChoice.OpenTable() is { } table)
            return Of(configuration, table);
        return Of(configuration, configuration.DataChoice.OpenFolder() is { } folder
            ? folder.Read(DataDirectory.Resolve(dataDirectory), cancellation)
            : DatasetCatalog.Load(configuration.Dataset, dataDirectory, progress, cancellation));
    }

    /// <summary>Images as a run has them.</summary>
    /// <exception cref="DropoutLabException">The part to validate on is none or all of them.</exception>
    public static RunData Of(RunConfiguration configuration, ImageDataset images)
    {
        TrainingRecipe recipe = configuration.ToRecipe();
        ImageDataset trained = configuration.Validation is { } part ? images.HoldOut(part) : images;
        TrainingData training = trained.Batches(recipe.PixelScaling, configuration.Augmentation);
        return new RunData(
            training,
            trained == images
                ? training.Test
                : ((ImageBatches)training.Test).Alike($"{images.Name}'s test set", images.Test));
    }

    private static RunData Of(RunConfiguration configuration, TableFile file)
    {
        if (configuration.Augmentation != Augmentation.None)
            throw new DropoutLabException(
                "rows of a table are not augmented", SettingName.Augmentation, configuration.Augmentation);
        (Table train, Table test) = file.Read();
        string name = DataChoice.TablePrefix + DataChoice.ShortName(configuration.Dataset),
            ofTrain = $"{name}'s training set", ofTest = $"{name}'s test set";
        (int[] kept, int[] held) = configuration.Validation is { } part
            ? HeldOut.Split(train.Count, part, ofTrain)
            : ([.. Enumerable.Range(0, train.Count)], []);
        Table trained = train.Take(kept);
        ColumnScaling scaling = ColumnScaling.Of(trained);
        TableBatches Batches(string what, Table rows) => new(what, rows, scaling) { Columns = file.Columns };
        TableBatches tested = Batches(ofTest, test);
        return new RunData(
            new TrainingData(
                name, Batches(ofTrain, trained), held.Length > 0 ? Batches($"{name}'s validation set", train.Take(held)) : tested)
            { ClassNames = file.Columns.Classes, Location = file.Path },
            tested);
    }
}
