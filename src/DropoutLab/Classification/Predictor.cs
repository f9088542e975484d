using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Exchange;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Classification;

/// <summary>A trained classifier, to predict with: it takes a run's folder or a checkpoint, none of the training data.</summary>
/// <remarks>
/// Threads may share a predictor. It and its backend do one thing at a time: who wants several side by side takes both for each.
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly Network network;
    private readonly ParameterStore parameters;
    private readonly Evaluator evaluator;
    private readonly Backend backend;
    private readonly Checkpoint.Preparation preparation;

    private Predictor(Network network, Checkpoint.Preparation preparation, ParameterStore parameters, Backend backend)
    {
        (this.network, this.parameters, this.preparation, this.backend) = (network, parameters, preparation, backend);
        evaluator = new Evaluator(network, objective: null, DropoutSettings.None, backend, parameters);
    }

    /// <summary>What a datum is, such as [H, W, C] of images.</summary>
    public Shape Input => network.Input.Datum;

    /// <summary>What it tells apart, in the order of the probabilities.</summary>
    public IReadOnlyList<string> ClassNames => preparation.ClassNames;

    /// <summary>Reads config.json and the checkpoint of a run that has completed an epoch.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="backend">What computes, in the run's precision if it can; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">
    /// There is no run or no checkpoint, it is damaged, of another run, or of a version before 0.2.0, which left out what makes
    /// the input.
    /// </exception>
    public static Predictor Open(string folder, Backend backend)
    {
        RunConfiguration configuration = RunConfiguration.Read(folder);
        Checkpoint.RequireOf(configuration, folder);
        return Open(
            Checkpoint.PathIn(folder), configuration.CreateNetwork(), DatasetCatalog.Find(configuration.Dataset), backend,
            backend.Supports(configuration.Precision) ? configuration.Precision : backend.PreferredPrecision);
    }

    /// <summary>Reads a checkpoint of a network of one's own.</summary>
    /// <param name="checkpoint">What <see cref="Checkpoint.Write"/> has written.</param>
    /// <param name="network">What was trained: the same name, the same parameters.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="precision">What it computes in; what it prefers if null.</param>
    /// <exception cref="DropoutLabException">
    /// There is no checkpoint, it is damaged or of another network, or the backend does not compute in the precision.
    /// </exception>
    public static Predictor Open(string checkpoint, Network network, Backend backend, Precision? precision = null)
    {
        if (precision is { } asked)
            backend.RequireSupport(asked);
        return Open(checkpoint, network, data: null, backend, precision ?? backend.PreferredPrecision);
    }

    private static Predictor Open(string checkpoint, Network network, DatasetSource? data, Backend backend, Precision precision)
    {
        ParameterStore parameters = new(network.Parameters, precision);
        try
        {
            return new Predictor(network, Checkpoint.ReadNetwork(checkpoint, network, data, parameters), parameters, backend);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Each image's probabilities, softmax(z).</summary>
    /// <param name="images">What to predict. Their labels are not looked at: 0 will do.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>[N, classes], row by row.</returns>
    /// <exception cref="DropoutLabException">
    /// The images are not such as the network takes, or it was not trained on images.
    /// </exception>
    public ReadOnlyMemory<double> Predict(ImageSet images, CancellationToken cancellation = default) => Predict(
        new ImageBatches(
            "the set to predict", images, ImageBatches.TransformOf(preparation.ArrayOf) ?? throw WasTrainedOnOther("images")),
        cancellation);

    /// <summary>Each row's probabilities, softmax(z).</summary>
    /// <inheritdoc cref="Predict(ImageSet, CancellationToken)"/>
    public ReadOnlyMemory<double> Predict(Table rows, CancellationToken cancellation = default) => Predict(
        new TableBatches(
            "the table to predict", rows, TableBatches.ScalingOf(preparation.ArrayOf) ?? throw WasTrainedOnOther("rows")),
        cancellation);

    /// <summary>
    /// Writes it for other programs, as ONNX: bytes of images [N, H, W, C], or rows of numbers, in; probabilities out.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="foldsBatchNorm">Whether batch normalisation goes into the weights of the convolution before it.</param>
    /// <exception cref="DropoutLabException">
    /// An operator has no counterpart in ONNX, there are more than 2 GB of weights, or the file cannot be written.
    /// </exception>
    public void WriteOnnx(string path, bool foldsBatchNorm = false) => new OnnxExport(network, parameters)
    {
        ArrayOf = preparation.ArrayOf,
        ClassNames = ClassNames,
        GivesProbabilities = true,
        FoldsBatchNorm = foldsBatchNorm,
    }.Write(path);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        lock (backend.Gate)
        {
            evaluator.Dispose();
            parameters.Dispose();
        }
    }

    private ReadOnlyMemory<double> Predict(BatchSource data, CancellationToken cancellation)
    {
        data.CheckFit(network.Inputs, network.Name);
        return ClassificationPasses.Probabilities(evaluator, data, cancellation);
    }

    private DropoutLabException WasTrainedOnOther(string data) => new($"{network.Name} was not trained on {data}");
}
