#:project ../src/DropoutLab/DropoutLab.csproj
// Sentences to vectors, and which are near: dotnet run -c Release examples/embed.cs MODEL QUESTION SENTENCE…
// MODEL is a BERT encoder's folder in Hugging Face's layout, or that of a run: dropoutlab train --sentences FILE …
using DropoutLab.Backends;
using DropoutLab.Sentences;
using Microsoft.Extensions.AI;

if (args is not [string model, string question, .. string[] sentences] || sentences.Length == 0)
{
    Console.Error.WriteLine("embed.cs: MODEL, a question and sentences to look through are needed");
    return 2;
}

using Backend backend = BackendCatalog.Create("auto", threads: null, out _);
using SentenceEncoder encoder = SentenceEncoder.Open(model, backend);
IReadOnlyList<float[]> vectors = encoder.Embed([question, .. sentences], normalised: true);
foreach ((string sentence, float similarity) in sentences
    .Select((sentence, number) => (sentence, vectors[0].Zip(vectors[number + 1], (a, b) => a * b).Sum()))
    .OrderByDescending(pair => pair.Item2))
{
    Console.WriteLine($"{similarity,6:f3}  {sentence}");
}

// The same as other programs of .NET ask for it.
IEmbeddingGenerator<string, Embedding<float>> generator = encoder;
Embedding<float> embedding = (await generator.GenerateAsync([question]))[0];
Console.WriteLine($"{embedding.Dimensions} numbers a sentence");
return 0;
